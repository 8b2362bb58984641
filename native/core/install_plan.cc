#include "install_plan.hpp"

namespace openais {

InstallPlan plan_install(const Store& store, std::uint64_t delivered, std::uint64_t high_delivered,
                         const std::vector<bool>& delivers) {
  InstallPlan plan;
  std::uint64_t seq = delivered + 1;
  // In the old configuration: up to the first gap, or the first safe packet that nobody delivered. Own later knowledge
  // (a safe line, a token that came late) must not enter: others do not have it.
  for (; seq <= store.high(); ++seq) {
    const Packet* packet = store.get(seq);
    if (packet == nullptr || (packet->is_safe() && seq > high_delivered)) break;
    // A copy came from an older ring still: its contents were delivered before this ring began, and its origin is no
    // member here.
    if (!packet->is_copy()) plan.regular.push_back(seq);
  }
  // Behind a gap only packets of deliver_memb: others might depend on the missing one.
  bool is_behind_gap = false;
  for (; seq <= store.high(); ++seq) {
    const Packet* packet = store.get(seq);
    if (packet == nullptr) {
      is_behind_gap = true;
      continue;
    }
    if (packet->is_copy() || (is_behind_gap && !delivers[packet->origin])) continue;
    plan.transitional.push_back(seq);
  }
  return plan;
}

}  // namespace openais
