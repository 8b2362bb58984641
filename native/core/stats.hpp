// Counters of one engine. Written by its thread alone; others read them as they are.
#pragma once

#include <cstdint>

namespace openais {

enum class Drop : std::uint8_t {
  kTooShort,
  kVersion,
  kForeignCluster,
  kUnknownSender,
  kUnknownRing,
  kNotAuthentic,
  kReplayed,
  kMalformed,
  kOwn,
  kDuplicateToken,
  kDuplicateData,
  kOutOfRange,
  kUnfresh,
  kOldIncarnation,
  kWrongMode,
  kOverflow,
  kCount,
};
const char* drop_name(Drop reason);

struct Stats {
  std::uint64_t packets_received = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t tokens_received = 0;
  std::uint64_t tokens_sent = 0;
  std::uint64_t token_retransmits = 0;
  std::uint64_t data_originated = 0;
  std::uint64_t data_retransmitted = 0;
  std::uint64_t retransmit_requests = 0;
  std::uint64_t messages_originated = 0;
  std::uint64_t messages_delivered = 0;
  std::uint64_t bytes_delivered = 0;
  std::uint64_t holds = 0;
  std::uint64_t hold_cancels = 0;
  std::uint64_t rotation_mean_ns = 0;
  std::uint64_t rotation_bound_ns = 0;
  std::uint64_t store_used = 0;
  std::uint64_t store_high = 0;
  std::uint64_t window = 0;
  std::uint64_t recovery_copies = 0;
  std::uint64_t dropped[static_cast<std::size_t>(Drop::kCount)] = {};

  void drop(Drop reason) { ++dropped[static_cast<std::size_t>(reason)]; }
};

}  // namespace openais
