// An engine on real sockets, on a thread of its own: opens what it needs, starts, stops, joins.
#pragma once

#include <pthread.h>

#include "io/mapped_trace.hpp"
#include "io/ring_loop.hpp"
#include "io/scheduling.hpp"

namespace openais {

struct RingThreadConfig {
  EngineConfig engine;
  BoundarySizes sizes;
  Transport transport = Transport::kMulticast;
  std::vector<LinkConfig> links;  // 1 to kMaxLinks
  bool offload = true;            // merged and segmented datagrams, where the kernel has them
  bool realtime = true;           // ask for real time, and for memory that stays in core
  std::string trace_path;         // empty: no trace
  std::size_t trace_bytes = 0;
};

class RingThread {
 public:
  // Null: `error` says what failed.
  static std::unique_ptr<RingThread> start(const RingThreadConfig& config, std::unique_ptr<Protection> protection,
                                           const Waker& waker, std::string& error);
  // Stops, if that was not done, and waits for the thread to end.
  ~RingThread();
  RingThread(const RingThread&) = delete;
  RingThread& operator=(const RingThread&) = delete;

  const std::shared_ptr<Boundary>& boundary() const { return boundary_; }
  // What was commanded until now is still done and sent; then the thread ends and wakes once more. Does not wait for
  // it.
  void stop();
  bool has_ended() const { return has_ended_.load(std::memory_order_acquire); }

  // As it was at the start.
  const std::vector<std::unique_ptr<LinkSockets>>& links() const { return links_; }
  // Bytes, of the smallest.
  std::size_t receive_buffer() const;
  // Packets a rotation that our receive buffers admit (totem 1.7).
  std::size_t window_offer() const;
  bool can_merge() const;
  bool can_segment() const { return can_segment_; }
  Scheduling scheduling() const { return scheduling_; }
  bool is_memory_locked() const { return is_memory_locked_; }

 private:
  RingThread(const RingThreadConfig& config, std::unique_ptr<Protection> protection, const Waker& waker);
  bool open(std::string& error);
  bool start_thread(std::string& error);
  void run();

  RingThreadConfig config_;
  std::unique_ptr<Protection> protection_;
  Waker waker_;
  std::shared_ptr<Boundary> boundary_;
  std::unique_ptr<MappedTrace> trace_;
  std::vector<std::unique_ptr<LinkSockets>> links_;
  std::unique_ptr<RingLoop> loop_;
  bool can_segment_ = false;
  bool is_memory_locked_ = false;
  Scheduling scheduling_ = Scheduling::kPlain;

  pthread_t thread_{};
  bool has_thread_ = false;
  std::atomic<bool> has_started_{false};
  std::atomic<bool> has_ended_{false};
};

}  // namespace openais
