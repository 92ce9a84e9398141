// The address of the code this stands in.
#pragma once

#define _THIS_IP_                            \
  ({                                         \
    unsigned long this_ip_;                  \
    __asm__("auipc %0, 0" : "=r"(this_ip_)); \
    this_ip_;                                \
  })
