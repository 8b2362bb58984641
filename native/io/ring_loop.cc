#include "io/ring_loop.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

#include "io/clock.hpp"
#include "io/error_queue.hpp"
#include "io/scheduling.hpp"

namespace openais {
namespace {

// What epoll reports, beside the sockets of links.
constexpr std::uint64_t kWatchWake = 0;
constexpr std::uint64_t kWatchTimer = 1;
constexpr std::uint64_t kWatchData = 2;
constexpr std::uint64_t kWatchToken = 3;
constexpr int kMaxReports = 2 + 2 * kMaxLinks;

void drain(int fd) {
  std::uint64_t count = 0;
  while (::read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

// Grows with every message that was put in.
std::uint64_t submit_heads(const SubmitQueues& submits) {
  std::uint64_t sum = 0;
  for (std::size_t p = 0; p < kPriorities; ++p) sum += submits.queue(static_cast<Priority>(p)).head();
  return sum;
}

}  // namespace

RingLoop::RingLoop(const EngineConfig& config, Protection& protection, TraceSink* trace,
                   const std::vector<std::unique_ptr<LinkSockets>>& links, Boundary& boundary, const Waker& waker)
    : links_(links),
      boundary_(boundary),
      waker_(waker),
      transmitter_(links, stats_),
      engine_(config, {protection, transmitter_, boundary.events, boundary.deliveries, boundary.submits, trace},
              clock_now()) {
  for (const auto& link : links) {
    receivers_.push_back(std::unique_ptr<LinkReceivers>(
        new LinkReceivers{{link->data(), kReceiveBuffers, stats_}, {link->token(), 1, stats_}}));
  }
}

bool RingLoop::open(std::string& error) {
  epoll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  timer_ = FileDescriptor(::timerfd_create(kRingClock, TFD_CLOEXEC | TFD_NONBLOCK));
  bool is_open = epoll_.is_open() && timer_.is_open() && boundary_.wake_fd.is_open() &&
                 watch(boundary_.wake_fd.get(), kWatchWake) && watch(timer_.get(), kWatchTimer);
  for (const auto& link : links_)
    is_open = is_open && watch(link->data(), kWatchData) && watch(link->token(), kWatchToken);
  if (!is_open) error = "no descriptors for the ring thread";
  return is_open;
}

bool RingLoop::watch(int fd, std::uint64_t what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = what;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool RingLoop::lock_all_memory() {
  bool is_locked = lock_memory(transmitter_.memory());
  for (const auto& receivers : receivers_)
    is_locked = is_locked && lock_memory(receivers->data.memory()) && lock_memory(receivers->token.memory());
  ByteRing* const rings[] = {&boundary_.commands, &boundary_.events, &boundary_.deliveries};
  for (ByteRing* ring : rings) is_locked = is_locked && lock_memory({ring->memory(), ring->capacity()});
  for (std::size_t p = 0; p < kPriorities; ++p) {
    ByteRing& queue = boundary_.submits.queue(static_cast<Priority>(p));
    is_locked = is_locked && lock_memory({queue.memory(), queue.capacity()});
  }
  return is_locked;
}

void RingLoop::run() {
  while (!boundary_.stop.load(std::memory_order_acquire)) {
    wait();
    pass();
  }
  do pass();
  while (!boundary_.commands.empty());
}

void RingLoop::wait() {
  const bool may_sleep = !has_pending() && listen();
  if (may_sleep) arm_timer(std::min(engine_.deadline(), rejoin_due_));
  epoll_event reports[kMaxReports];
  const int count = ::epoll_wait(epoll_.get(), reports, kMaxReports, may_sleep ? -1 : 0);
  boundary_.thread.ignore();
  is_token_ready_ = has_errors_ = false;
  for (int i = 0; i < count; ++i) note(reports[i]);
}

// False: something came that nobody will wake us for.
bool RingLoop::listen() {
  const bool wants_submits = engine_.wants_wake();
  boundary_.thread.listen(kListenCommands | (wants_submits ? kListenSubmits : 0));
  const bool has_news =
      !boundary_.commands.empty() || (wants_submits && submit_heads(boundary_.submits) != submits_seen_);
  return !has_news && !boundary_.stop.load(std::memory_order_acquire);
}

bool RingLoop::has_pending() const {
  return std::any_of(receivers_.begin(), receivers_.end(), [](const auto& link) { return link->data.has_pending(); });
}

// Deadlines mostly move away: a timer that fires too early costs less than one that is set at each token.
void RingLoop::arm_timer(Time due) {
  if (due >= armed_) return;
  // Zero would disarm it.
  const itimerspec setting{{}, to_timespec(std::max<Time>(due, 1))};
  if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr) == 0) armed_ = due;
}

void RingLoop::note(const epoll_event& event) {
  switch (event.data.u64) {
    case kWatchWake:
      return drain(boundary_.wake_fd.get());
    case kWatchTimer:
      armed_ = kNever;
      return drain(timer_.get());
    case kWatchToken:
      is_token_ready_ |= (event.events & EPOLLIN) != 0;
      has_errors_ |= (event.events & EPOLLERR) != 0;
      return;
    default:  // data is looked for at each pass
      return;
  }
}

void RingLoop::pass() {
  ++stats_.passes;
  const bool ran_commands = run_commands();
  give_submits(ran_commands);
  if (has_errors_) receive_refusals();
  note_unread();
  receive();
  const Time now = clock_now();
  if (now >= engine_.deadline()) engine_.tick(now);
  if (now >= rejoin_due_) rejoin();
  transmitter_.flush();
  engine_.deliver(clock_now());
  boundary_.stats.publish(engine_.stats(), stats_);
  wake_reader();
}

bool RingLoop::run_commands() {
  std::size_t count = 0;
  for (; count < kCommandsPerPass; ++count) {
    const std::uint8_t* frame = boundary_.commands.front();
    if (frame == nullptr) break;
    FrameHeader header;
    std::memcpy(&header, frame, sizeof header);
    engine_.command(clock_now(), Bytes(frame, header.size));
    boundary_.commands.pop();
  }
  return count > 0;
}

// A command may have opened a queue: then what waits in it is news again.
void RingLoop::give_submits(bool is_mask_new) {
  if (!engine_.wants_wake()) return;
  const std::uint64_t heads = submit_heads(boundary_.submits);
  if (heads == submits_seen_ && !(is_mask_new && !boundary_.submits.empty())) return;
  submits_seen_ = heads;
  engine_.submitted(clock_now());
}

// A loop that is stuck cannot tell so itself.
void RingLoop::note_unread() {
  const Time now = clock_now();
  const std::uint64_t read = boundary_.events.tail();
  if (read != events_read_ || read == boundary_.events.head()) unread_since_ = now;
  events_read_ = read;
  engine_.unread(static_cast<std::uint32_t>(std::min<Time>((now - unread_since_) / kMillisecond, 0xffff'ffff)));
}

// Which of the sockets is read first (totem 1.10): data that was here before the token is processed before it, unless
// the engine has seen that the data already belongs to the next round. One token a pass: what it makes us send has to
// leave at once.
void RingLoop::receive() {
  bool has_token = is_token_ready_ && take_token();
  for (const auto& link : receivers_) link->data.begin();
  for (std::size_t count = 0; count < kBuffersPerPass; ++count) {
    const bool is_token_first = engine_.token_first();
    if (is_token_first && !has_token) has_token = take_token();
    if (is_token_first && has_token) break;
    ReceivedBuffer buffer;
    if (!take_data(buffer)) break;
    give(PacketClass::kData, data_link_, buffer);
  }
  if (!has_token) return;
  give(PacketClass::kToken, token_link_, token_);
  transmitter_.flush();
}

bool RingLoop::take_token() {
  for (std::size_t i = 0; i < receivers_.size(); ++i) {
    token_link_ = static_cast<LinkIndex>((token_link_ + 1) % receivers_.size());
    receivers_[token_link_]->token.begin();
    if (receivers_[token_link_]->token.next(token_)) return true;
  }
  return false;
}

// Stays with a link while it has data: a batch is used up before the next is read.
bool RingLoop::take_data(ReceivedBuffer& buffer) {
  for (std::size_t i = 0; i < receivers_.size(); ++i) {
    if (receivers_[data_link_]->data.next(buffer)) return true;
    data_link_ = static_cast<LinkIndex>((data_link_ + 1) % receivers_.size());
  }
  return false;
}

void RingLoop::give(PacketClass socket, LinkIndex link, const ReceivedBuffer& buffer) {
  const Time now = clock_now();
  for (std::size_t at = 0; at < buffer.bytes.size(); at += buffer.segment) {
    const std::size_t size = std::min(buffer.segment, buffer.bytes.size() - at);
    engine_.receive(now, socket, link, buffer.from, buffer.bytes.subspan(at, size));
  }
}

void RingLoop::receive_refusals() {
  for (const auto& link : links_) {
    for (std::size_t count = 0; count < kErrorsPerPass; ++count) {
      Endpoint to;
      const QueuedError error = take_queued_error(link->token(), to);
      if (error == QueuedError::kNone) break;
      if (error != QueuedError::kRefused) continue;
      ++stats_.refusals;
      // A peer is known by its token's socket.
      if (to.port == link->config().data.port) --to.port;
      engine_.refused(clock_now(), to);
    }
  }
}

void RingLoop::rejoin() {
  for (const auto& link : links_) link->rejoin();
  rejoin_due_ = clock_now() + kRejoinInterval;
}

void RingLoop::wake_reader() {
  const std::uint64_t events = boundary_.events.head();
  const std::uint64_t deliveries = boundary_.deliveries.head();
  const std::uint32_t news =
      (events == events_seen_ ? 0 : kListenEvents) | (deliveries == deliveries_seen_ ? 0 : kListenDeliveries);
  if (news == 0) return;
  events_seen_ = events;
  deliveries_seen_ = deliveries;
  if (!boundary_.reader.ring(news)) return;
  ++stats_.wakes;
  waker_.wake(waker_.context);
}

}  // namespace openais
