// The ring engine: a step function over datagrams, time and commands. It owns the rings of one process (the installed
// one, perhaps the old one that is being recovered, perhaps one that is forming) and knows neither sockets nor clocks
// nor threads.
//
// A driver, after each batch of input: flush what went to the Transmitter, then call deliver(). In that order: a
// message is not delivered to its sender before it was handed to the kernel (totem A13), and delivery is no part of a
// rotation.
#pragma once

#include <memory>

#include "byte_ring.hpp"
#include "config.hpp"
#include "protection.hpp"
#include "stats.hpp"
#include "submit_queue.hpp"
#include "trace.hpp"
#include "transmitter.hpp"

namespace openais {

class Engine {
 public:
  struct Ports {
    Protection& protection;
    Transmitter& transmitter;
    ByteRing& events;       // engine produces
    ByteRing& deliveries;   // engine produces
    SubmitQueues& submits;  // engine consumes
    TraceSink* trace = nullptr;
  };

  Engine(const EngineConfig& config, const Ports& ports, Time now);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // One datagram; its bytes may be overwritten.
  void receive(Time now, PacketClass socket, LinkIndex link, const Endpoint& from, MutableBytes datagram);
  // One command frame of docs/BOUNDARY.md.
  void command(Time now, Bytes frame);
  // Call at deadline(), and after any pause.
  void tick(Time now);
  // Something was put into the submit queues while wants_wake() was true.
  void submitted(Time now);
  // The host of `to` refused a datagram (ICMP port unreachable): a hint, not a proof (totem A29).
  void refused(Time now, const Endpoint& to);
  // For how long the application has left events unread: pongs tell it (totem A28), also while it is stuck.
  void unread(std::uint32_t milliseconds);
  // Appends what is deliverable to the deliveries, as far as there is room. True if any was appended.
  bool deliver(Time now);

  // The token is to be read before data (totem 1.10, method 2).
  bool token_first() const;
  // True while the token rests: then a submit has to be told by submitted().
  bool wants_wake() const;
  // When tick() is due, or kNever.
  Time deadline() const;
  const Stats& stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace openais
