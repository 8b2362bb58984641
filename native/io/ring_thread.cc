#include "io/ring_thread.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>

namespace openais {

std::unique_ptr<RingThread> RingThread::start(const RingThreadConfig& config, std::unique_ptr<Protection> protection,
                                              const Waker& waker, std::string& error) {
  if (config.links.empty() || config.links.size() > kMaxLinks || config.links.size() != config.engine.links) {
    error = "a ring needs 1 to 8 links";
    return nullptr;
  }
  std::unique_ptr<RingThread> thread(new RingThread(config, std::move(protection), waker));
  return thread->open(error) && thread->start_thread(error) ? std::move(thread) : nullptr;
}

RingThread::RingThread(const RingThreadConfig& config, std::unique_ptr<Protection> protection, const Waker& waker)
    : config_(config),
      protection_(std::move(protection)),
      waker_(waker),
      boundary_(std::make_shared<Boundary>(config.sizes)) {}

RingThread::~RingThread() {
  if (!has_thread_) return;
  stop();
  ::pthread_join(thread_, nullptr);
}

bool RingThread::open(std::string& error) {
  for (const LinkConfig& link : config_.links) {
    links_.push_back(LinkSockets::open(link, config_.transport, config_.offload, error));
    if (links_.back() == nullptr) return false;
  }
  if (!config_.trace_path.empty()) {
    trace_ = MappedTrace::create(config_.trace_path, config_.trace_bytes, error);
    if (trace_ == nullptr) return false;
  }
  loop_ = std::make_unique<RingLoop>(config_.engine, *protection_, trace_.get(), links_, *boundary_, waker_);
  can_segment_ = loop_->can_segment();
  is_memory_locked_ = config_.realtime && loop_->lock_all_memory();
  return loop_->open(error);
}

bool RingThread::start_thread(std::string& error) {
  // Signals are for the threads of the application.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failure = ::pthread_create(
      &thread_, nullptr,
      [](void* self) -> void* {
        static_cast<RingThread*>(self)->run();
        return nullptr;
      },
      this);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failure != 0) {
    error = std::string("cannot start the ring thread: ") + std::strerror(failure);
    return false;
  }
  has_thread_ = true;
  has_started_.wait(false, std::memory_order_acquire);
  return true;
}

void RingThread::run() {
  ::pthread_setname_np(::pthread_self(), "openais-ring");
  scheduling_ = raise_priority(config_.realtime);
  has_started_.store(true, std::memory_order_release);
  has_started_.notify_one();
  loop_->run();
  has_ended_.store(true, std::memory_order_release);
  waker_.wake(waker_.context);
}

void RingThread::stop() {
  boundary_->stop.store(true, std::memory_order_release);
  boundary_->wake_thread();
}

std::size_t RingThread::receive_buffer() const {
  std::size_t least = links_.front()->receive_buffer();
  for (const auto& link : links_) least = std::min(least, link->receive_buffer());
  return least;
}

std::size_t RingThread::window_offer() const {
  return std::clamp(receive_buffer() / (2 * config_.engine.datagram_size), kMinWindowOffer, kMaxWindowOffer);
}

bool RingThread::can_merge() const {
  return std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->can_merge(); });
}

}  // namespace openais
