// The address of the code this stands in: on the host that of its caller.
#pragma once

#define _THIS_IP_ ((unsigned long)__builtin_return_address(0))
