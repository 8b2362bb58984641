#include "binding/addon.hpp"

namespace {

constexpr napi_status (*kParts[])(napi_env env, napi_value exports) = {
    openais::init_ring_core,
    openais::init_ring_thread,
    openais::init_peer_credentials,
    openais::init_unix_datagram,
};

}  // namespace

NAPI_MODULE_INIT() {
  for (const auto init : kParts) {
    if (init(env, exports) == napi_ok) continue;
    napi_throw_error(env, "AIS_ERR_NATIVE_UNAVAILABLE", "the addon of openais could not be set up");
    break;
  }
  return exports;
}
