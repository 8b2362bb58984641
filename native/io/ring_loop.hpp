// What the ring thread does: waits for datagrams, deadlines, commands and messages, gives them to the engine in the
// order that the protocol wants, and hands on what the engine has to say. It waits for nothing but the kernel, shares
// no lock with JavaScript, and takes memory from the heap only
// to grow a pool or a queue up to its bound.
#pragma once

#include <sys/epoll.h>

#include "core/engine.hpp"
#include "io/boundary.hpp"
#include "io/link_sockets.hpp"
#include "io/receiver.hpp"
#include "io/udp_transmitter.hpp"

namespace openais {

// Called by the ring thread. Must neither block nor take memory.
struct Waker {
  void (*wake)(void* context) =
      nullptr;  // frames are there and JavaScript listened for them; also once after the last pass
  void* context = nullptr;
};

class RingLoop {
 public:
  // `protection`, `trace` (or null), `links` and `boundary` outlive the loop.
  RingLoop(const EngineConfig& config, Protection& protection, TraceSink* trace,
           const std::vector<std::unique_ptr<LinkSockets>>& links, Boundary& boundary, const Waker& waker);
  RingLoop(const RingLoop&) = delete;
  RingLoop& operator=(const RingLoop&) = delete;

  // Once, before anything else. False: `error` says what failed.
  bool open(std::string& error);
  // Until boundary.stop; what was commanded before is still done and sent.
  void run();

  // What the thread touches all the time.
  bool lock_all_memory();
  bool can_segment() const { return transmitter_.can_segment(); }

 private:
  struct LinkReceivers {
    Receiver data;
    Receiver token;
  };

  bool watch(int fd, std::uint64_t what);
  void wait();
  bool listen();
  bool has_pending() const;
  void arm_timer(Time due);
  void note(const epoll_event& event);

  void pass();
  bool run_commands();
  void give_submits(bool is_mask_new);
  void note_unread();
  void receive();
  bool take_token();
  bool take_data(ReceivedBuffer& buffer);
  void give(PacketClass socket, LinkIndex link, const ReceivedBuffer& buffer);
  void receive_refusals();
  void rejoin();
  void wake_reader();

  const std::vector<std::unique_ptr<LinkSockets>>& links_;
  Boundary& boundary_;
  Waker waker_;
  IoStats stats_;
  UdpTransmitter transmitter_;
  Engine engine_;
  std::vector<std::unique_ptr<LinkReceivers>> receivers_;
  FileDescriptor epoll_;
  FileDescriptor timer_;

  Time armed_ = kNever;  // what the timer is set to; may be earlier than what is due
  Time rejoin_due_ = 0;
  bool is_token_ready_ = false;
  bool has_errors_ = false;
  ReceivedBuffer token_;
  LinkIndex token_link_ = 0;
  LinkIndex data_link_ = 0;
  std::uint64_t submits_seen_ = 0;
  std::uint64_t events_read_ = 0;
  Time unread_since_ = 0;
  std::uint64_t events_seen_ = 0;
  std::uint64_t deliveries_seen_ = 0;
};

}  // namespace openais
