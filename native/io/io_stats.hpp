// Counters of sockets and thread. Written by the ring thread alone.
#pragma once

#include <cstdint>

namespace openais {

struct IoStats {
  std::uint64_t send_calls = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_segmented = 0;  // of these, in segmented sends
  std::uint64_t datagrams_unsent = 0;     // dropped by us: the kernel did not take them
  std::uint64_t send_waits = 0;           // for a full socket or interface
  std::uint64_t segmentation_refusals = 0;
  std::uint64_t receive_calls = 0;
  std::uint64_t buffers_received = 0;
  std::uint64_t datagrams_received = 0;
  std::uint64_t receive_overflows = 0;  // datagrams that the kernel dropped because a receive buffer was full
  std::uint64_t datagrams_cut = 0;      // longer than UDP can be: dropped
  std::uint64_t refusals = 0;           // ICMP port unreachable
  std::uint64_t passes = 0;             // of the thread's loop
  std::uint64_t wakes = 0;              // of JavaScript
};

}  // namespace openais
