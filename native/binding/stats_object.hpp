// The counters of an engine as a JavaScript object.
#pragma once

#include <node_api.h>

#include "core/stats.hpp"

namespace openais {

// {packetsReceived, …, dropped: {tooShort, …}}, all numbers: a counter passes 2^53 after a century.
napi_value stats_object(napi_env env, const Stats& stats);

}  // namespace openais
