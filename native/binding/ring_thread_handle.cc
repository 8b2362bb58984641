#include "binding/ring_thread_handle.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace openais {
namespace {

// In front of a message, at most: of a submit frame, which has the larger one.
constexpr std::size_t kMessageOverhead = 64;

}  // namespace

RingThreadHandle* RingThreadHandle::create(napi_env env, const RingThreadConfig& config,
                                           std::unique_ptr<Protection> protection, std::string& error) {
  const std::size_t ring_bytes = std::min(config.sizes.delivery_bytes, config.sizes.submit_bytes);
  auto* const handle = new RingThreadHandle(env, std::min(kMaxMessage, ring_bytes / 2 - kMessageOverhead));
  if (handle->open(config, std::move(protection), error)) return handle;
  handle->release();
  return nullptr;
}

bool RingThreadHandle::open(const RingThreadConfig& config, std::unique_ptr<Protection> protection,
                            std::string& error) {
  uv_loop_t* loop = nullptr;
  const auto on_async = [](uv_async_t* async) { static_cast<RingThreadHandle*>(async->data)->woken(); };
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok || uv_async_init(loop, &async_, on_async) != 0) {
    error = "this environment has no event loop";
    return false;
  }
  async_.data = this;
  is_loop_open_ = true;
  // This neither blocks nor takes memory: an atomic flag, and a write to a descriptor of the loop.
  const auto wake = [](void* self) { uv_async_send(&static_cast<RingThreadHandle*>(self)->async_); };
  thread_ = RingThread::start(config, std::move(protection), {wake, this}, error);
  if (thread_ == nullptr) return false;
  boundary_ = thread_->boundary();
  return true;
}

bool RingThreadHandle::attach(napi_value self, napi_value on_wake) {
  const auto on_environment_end = [](napi_async_cleanup_hook_handle, void* data) {
    auto* const handle = static_cast<RingThreadHandle*>(data);
    handle->thread_ = nullptr;
    handle->detach();
    handle->close_loop();
  };
  napi_value name = nullptr;
  return napi_create_string_utf8(env_, "openais.RingThread", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env_, self, name, &context_) == napi_ok &&
         napi_create_reference(env_, self, 1, &self_) == napi_ok &&
         napi_create_reference(env_, on_wake, 1, &on_wake_) == napi_ok &&
         napi_add_async_cleanup_hook(env_, on_environment_end, this, &hook_) == napi_ok;
}

void RingThreadHandle::release() {
  is_released_ = true;
  thread_ = nullptr;
  if (is_loop_open_) return close_loop();
  delete this;
}

void RingThreadHandle::stop() {
  if (thread_ != nullptr) thread_->stop();
}

void RingThreadHandle::woken() {
  if (thread_ == nullptr) return;
  if (!thread_->has_ended()) return call(false);
  thread_ = nullptr;
  call(true);
  detach();
  close_loop();
}

void RingThreadHandle::call(bool has_ended) {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value self = nullptr;
  napi_value on_wake = nullptr;
  napi_value argument = nullptr;
  napi_get_reference_value(env_, self_, &self);
  napi_get_reference_value(env_, on_wake_, &on_wake);
  napi_get_boolean(env_, has_ended, &argument);
  const napi_status status = napi_make_callback(env_, context_, self, on_wake, 1, &argument, nullptr);
  napi_value thrown = nullptr;
  // As with every other callback of a loop: nobody is there to catch it.
  if (status == napi_pending_exception && napi_get_and_clear_last_exception(env_, &thrown) == napi_ok) {
    napi_fatal_exception(env_, thrown);
  }
  napi_close_handle_scope(env_, scope);
}

void RingThreadHandle::detach() {
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  if (self_ != nullptr) napi_delete_reference(env_, self_);
  if (on_wake_ != nullptr) napi_delete_reference(env_, on_wake_);
  context_ = nullptr;
  self_ = on_wake_ = nullptr;
}

void RingThreadHandle::close_loop() {
  auto* const loop_handle = reinterpret_cast<uv_handle_t*>(&async_);
  if (!is_loop_open_ || uv_is_closing(loop_handle) != 0) return;
  uv_close(loop_handle, [](uv_handle_t* closed) { static_cast<RingThreadHandle*>(closed->data)->loop_closed(); });
}

void RingThreadHandle::loop_closed() {
  is_loop_open_ = false;
  if (hook_ != nullptr) napi_remove_async_cleanup_hook(hook_);
  hook_ = nullptr;
  if (is_released_) delete this;
}

}  // namespace openais
