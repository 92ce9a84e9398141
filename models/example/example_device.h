// A device to copy: it multiplies two numbers, takes a while for it, and interrupts when it is done.
#pragma once

#include "core/irq_ports.h"
#include "core/register_target.h"

namespace memio {

class ExampleDevice : public RegisterTarget {
 public:
  IrqOutput irq{"irq"};

  /// `latency` of an access, and `work` from the write of B to the product.
  ExampleDevice(const sc_core::sc_module_name& name, sc_core::sc_time latency, sc_core::sc_time work);
  void reset() override;

 private:
  void finish();

  Register a_{registers_, {"A", 0x00, 4}};
  Register b_{registers_, {"B", 0x04, 4}};
  Register product_{registers_, {"PRODUCT", 0x08, 8, 0, 0, 4 | 8}};
  Register done_{registers_, {"DONE", 0x10, 4, 0, 0x1}};
  sc_core::sc_event ready_;
};

}  // namespace memio
