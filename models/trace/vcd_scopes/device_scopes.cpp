// VCD scopes of DMA controllers and IOMMUs; see device_scopes.h.
#include "trace/vcd_scopes/device_scopes.h"

namespace memio {

VcdChannelScope::VcdChannelScope(VcdRecorder& recorder, const std::string& device, unsigned channel)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "dma." + device + ".channel" + std::to_string(channel) + ".";
  state_ = recorder.wire(scope + "state", 32, 0);
  descriptor_ = recorder.wire(scope + "descriptor", 64, 0);
  remaining_ = recorder.wire(scope + "remaining", 64, 0);
}

void VcdChannelScope::add(const DmaEvent& event) {
  recorder_.record(event.at, source_,
                   {VcdRecorder::set(state_, event.state), VcdRecorder::set(descriptor_, event.descriptor),
                    VcdRecorder::set(remaining_, event.remaining)});
}

VcdIommuScope::VcdIommuScope(VcdRecorder& recorder, const std::string& name)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "iommu." + name + ".";
  constexpr const char* names[] = {"miss", "walk", "fault"};
  for (unsigned kind = 0; kind < 3; ++kind) happened_[kind] = recorder.event(scope + names[kind]);
  busy_ = recorder.wire(scope + "busy", 1, 0);
  device_ = recorder.wire(scope + "device", 16);
  address_ = recorder.wire(scope + "address", 64);
}

void VcdIommuScope::add(const IommuEvent& event) {
  recorder_.record(
      event.start, source_,
      {VcdRecorder::fire(happened_[static_cast<unsigned>(event.kind)]), VcdRecorder::raise(busy_),
       VcdRecorder::set(device_, event.device), VcdRecorder::set(address_, event.address)});
  recorder_.record(event.done, source_, {VcdRecorder::lower(busy_)});
}

}  // namespace memio
