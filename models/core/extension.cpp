// The initiator extension and the conversion of response statuses; see extension.h.
#include "core/extension.h"

namespace memio {

tlm::tlm_extension_base* InitiatorExtension::clone() const { return new InitiatorExtension(*this); }

void InitiatorExtension::copy_from(const tlm::tlm_extension_base& other) {
  *this = static_cast<const InitiatorExtension&>(other);
}

AccessKind access_kind(const tlm::tlm_generic_payload& payload) {
  if (const auto* extension = payload.get_extension<InitiatorExtension>()) return extension->kind;
  return payload.is_write() ? AccessKind::store : AccessKind::load;
}

bool data_moved(const tlm::tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<InitiatorExtension>();
  return extension && extension->moved;
}

bool writes(const tlm::tlm_generic_payload& payload) {
  return data_moved(payload) ? payload.get_extension<InitiatorExtension>()->moved_write : payload.is_write();
}

void set_moving(const tlm::tlm_generic_payload& payload, bool moving) {
  if (auto* extension = payload.get_extension<InitiatorExtension>()) extension->moving = moving;
}

MemoryType memory_type(const tlm::tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<InitiatorExtension>();
  if (!extension || extension->cacheable) return MemoryType::pma;
  return extension->bufferable ? MemoryType::nc : MemoryType::io;
}

tlm::tlm_response_status to_tlm(Status status) {
  switch (status) {
    case Status::ok:
      return tlm::TLM_OK_RESPONSE;
    case Status::address_error:
    case Status::iommu_fault:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case Status::command_error:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    case Status::size_error:
      return tlm::TLM_BURST_ERROR_RESPONSE;
    case Status::target_error:
      break;
  }
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

Status from_tlm(tlm::tlm_response_status status) {
  switch (status) {
    case tlm::TLM_OK_RESPONSE:
      return Status::ok;
    case tlm::TLM_ADDRESS_ERROR_RESPONSE:
      return Status::address_error;
    case tlm::TLM_COMMAND_ERROR_RESPONSE:
      return Status::command_error;
    case tlm::TLM_BURST_ERROR_RESPONSE:
    case tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE:
      return Status::size_error;
    default:
      return Status::target_error;
  }
}

}  // namespace memio
