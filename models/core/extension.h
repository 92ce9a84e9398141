// What memio's initiators tell about a transaction beyond the generic payload, as an ignorable
// extension (IEEE 1666-2011, section 14): targets and initiators that do not know it work unchanged.
#pragma once

#include <string>
#include <tlm>

#include "core/access.h"

namespace memio {

class Route;

class InitiatorExtension : public tlm::tlm_extension<InitiatorExtension> {
 public:
  tlm::tlm_extension_base* clone() const override;
  void copy_from(const tlm::tlm_extension_base& other) override;

  AccessKind kind = AccessKind::load;
  Privilege privilege = Privilege::machine;
  unsigned initiator = 0;             ///< number of the hart or device that asks
  const std::string* name = nullptr;  ///< its name; the initiator owns the string
  bool cacheable = true;              ///< false: the page tables say NC or IO
  bool bufferable = true;             ///< false: they say IO
  /// The data moves by a direct grant, the payload is only to be charged and counted; its command is
  /// TLM_IGNORE_COMMAND, so that a target that does not know this moves nothing.
  bool moved = false;
  bool moved_write = false;  ///< the direction of such a payload
  /// Set by an IOMMU that answers an address error because it refuses the address.
  bool iommu_fault = false;

  /// Filled in by a bus: cycles from the request until the target began to serve it.
  Cycles waited = 0;

  /// Set by who passes it to the target, for just so long: what the target says of a write is this one.
  bool moving = false;

  /// What a bus tells of a direct memory pointer during get_direct_mem_ptr.
  struct Granted {
    Route* route = nullptr;    ///< to be charged for uses; it lives as long as the bus
    std::uint64_t offset = 0;  ///< of the region from the start of the target
    bool cacheable = true;     ///< main memory that caches may hold
  } grant;
};

/// The kind of a transaction: from its extension, or else by its command (load or store).
AccessKind access_kind(const tlm::tlm_generic_payload& payload);

/// True for a payload that only takes time: see InitiatorExtension::moved.
bool data_moved(const tlm::tlm_generic_payload& payload);

/// The direction of a transaction, also of one whose data moves by a direct grant.
bool writes(const tlm::tlm_generic_payload& payload);

/// Sets InitiatorExtension::moving, if there is an extension.
void set_moving(const tlm::tlm_generic_payload& payload, bool moving);

/// What the page tables say of its page, from its extension; `pma` without one.
MemoryType memory_type(const tlm::tlm_generic_payload& payload);

/// Status::size_error becomes a burst error, Status::target_error a generic error, Status::iommu_fault an
/// address error.
tlm::tlm_response_status to_tlm(Status status);

/// Burst and byte-enable errors become Status::size_error; a response that was left incomplete, like any
/// other error, Status::target_error.
Status from_tlm(tlm::tlm_response_status status);

}  // namespace memio
