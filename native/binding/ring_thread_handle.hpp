// A ring thread in the life of a JavaScript environment: it wakes the environment's loop, and is gone before the
// environment is.
//
// Thread, loop and JavaScript's object end at different times. First the thread, asked by stop() or by the end of the
// environment: it is joined. Then the handle of the loop is closed. This object goes when that has happened and
// JavaScript has let go of its own.
#pragma once

#include <node_api.h>
#include <uv.h>

#include "io/ring_thread.hpp"

namespace openais {

class RingThreadHandle {
 public:
  // Null: `error` says what failed. Once it is not needed: release().
  static RingThreadHandle* create(napi_env env, const RingThreadConfig& config, std::unique_ptr<Protection> protection,
                                  std::string& error);
  // Once. `on_wake` is called on the environment's loop with one boolean: the thread has ended, and nothing follows.
  // Until then JavaScript's object `self` stays alive.
  bool attach(napi_value self, napi_value on_wake);
  // JavaScript has let go of its object.
  void release();

  void stop();
  // Null once it has ended.
  const RingThread* thread() const { return thread_.get(); }
  Boundary& boundary() { return *boundary_; }
  const std::shared_ptr<Boundary>& shared_boundary() const { return boundary_; }
  // Largest message that queues and deliveries of this size take.
  std::size_t max_message() const { return max_message_; }

 private:
  RingThreadHandle(napi_env env, std::size_t max_message) : env_(env), max_message_(max_message) {}
  ~RingThreadHandle() = default;
  bool open(const RingThreadConfig& config, std::unique_ptr<Protection> protection, std::string& error);
  void woken();
  void call(bool has_ended);
  void detach();
  void close_loop();
  void loop_closed();

  napi_env env_;
  std::size_t max_message_;
  std::shared_ptr<Boundary> boundary_;
  std::unique_ptr<RingThread> thread_;
  uv_async_t async_{};
  bool is_loop_open_ = false;
  bool is_released_ = false;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_ref self_ = nullptr;
  napi_ref on_wake_ = nullptr;
};

}  // namespace openais
