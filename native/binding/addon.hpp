// The parts of the addon. Each adds its own to `exports` and keeps nothing outside of the objects that it makes: so the
// addon works in several environments (worker threads) of one process.
#pragma once

#include <node_api.h>

namespace openais {

// `RingCore`: an engine without sockets, clock or thread, for the simulator.
napi_status init_ring_core(napi_env env, napi_value exports);
// `RingThread`: an engine on real sockets, on a thread of its own.
napi_status init_ring_thread(napi_env env, napi_value exports);
// `peerCredentials`: who is at the other end of a Unix socket.
napi_status init_peer_credentials(napi_env env, napi_value exports);
// `sendUnixDatagram`: a datagram to a Unix socket.
napi_status init_unix_datagram(napi_env env, napi_value exports);

}  // namespace openais
