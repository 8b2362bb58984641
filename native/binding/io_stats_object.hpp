// The counters of sockets and thread as a JavaScript object.
#pragma once

#include <node_api.h>

#include "io/io_stats.hpp"

namespace openais {

// {sendCalls, …}, all numbers.
napi_value io_stats_object(napi_env env, const IoStats& stats);

}  // namespace openais
