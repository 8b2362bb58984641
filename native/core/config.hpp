// What an engine is made with. Start values are parameters, or a run near 2^31, 2^32 and 2^53 could not be made.
#pragma once

#include "types.hpp"

namespace openais {

struct EngineTimers {
  Time token_loss = 230 * kMillisecond;      // no token accepted for so long: the ring is lost
  Time hold = 23 * kMillisecond;             // how long an idle token rests
  Time idle_retransmit = 46 * kMillisecond;  // of a token that was forwarded as idle
  Time retransmit_min = kMillisecond;        // of any other: three measured rotations, at least this
  Time retransmit_max = 46 * kMillisecond;
  Time fail_to_receive = 1000 * kMillisecond;  // the same member holds the aru back for so long
  Time slow_consumer = 10000 * kMillisecond;   // the consumer takes nothing for so long
  Time pause = 115 * kMillisecond;             // a gap between steps that counts as a pause
  Time silence = 40 * kMillisecond;            // after a refusal: nothing heard for so long means gone
};

struct EngineConfig {
  Identity self;
  std::uint32_t cluster_tag = 0;     // of the cluster's name: long headers carry it
  std::size_t datagram_size = 1472;  // largest UDP payload on every link
  std::uint8_t links = 1;
  std::uint8_t key_slot = 0;
  EngineTimers timers;
  std::uint16_t per_visit = 0;       // new packets a visit at most; 0: the window alone bounds it
  std::size_t store_packets = 8192;  // of one ring; a power of two
  std::array<std::uint64_t, 4> random_seed{1, 2, 3, 4};
  std::uint64_t first_seq = 1;        // of a new ring, equal on all nodes
  std::uint64_t first_token_seq = 0;  // equal on all nodes
  std::uint64_t first_counter = 1;    // of packets
};

}  // namespace openais
