// Marks of functions that run once; this kernel keeps them.
#pragma once

#define __init
#define __exit
