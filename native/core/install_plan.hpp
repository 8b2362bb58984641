// Which packets of the old ring are delivered when a new one is installed, and in which configuration (totem 1.13). A
// pure function of what all of deliver_memb share, so that all of them deliver the same.
#pragma once

#include <vector>

#include "store.hpp"

namespace openais {

struct InstallPlan {
  std::vector<std::uint64_t> regular;       // still in the old regular configuration
  std::vector<std::uint64_t> transitional;  // in the transitional one
};

// `delivered`: all up to there were delivered. `high_delivered`: the highest that any of deliver_memb delivered.
// `delivers[i]`: member i of the old ring is in deliver_memb.
InstallPlan plan_install(const Store& store, std::uint64_t delivered, std::uint64_t high_delivered,
                         const std::vector<bool>& delivers);

}  // namespace openais
