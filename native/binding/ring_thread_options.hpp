// What a ring thread is made with, read from the options that JavaScript gives.
#pragma once

#include "binding/values.hpp"
#include "io/ring_thread.hpp"

namespace openais {

// The options of an engine (engine_options.hpp) and: {sockets: {transport: 'udp' | 'udpu', links: [{address, port,
// group, ttl}], nodes?: [{node, addresses}], offload?}, realtime, tracePath?, traceBytes?}. `group` and `ttl` are of
// 'udp', `nodes` of 'udpu': all nodes of the cluster, with an address for each link. Wrong options have thrown: ask
// reader.ok().
RingThreadConfig read_ring_thread_config(ValueReader& reader, napi_value options);

}  // namespace openais
