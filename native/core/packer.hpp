// Takes messages from the submit queues and fills packets with them at the token's visit, so that the priority is
// chosen last and packets are full (totem 1.8). Each (sender, priority) is a stream of bytes: a message is a length of
// 1 to 3 bytes and its bytes, and goes on in the sender's next packet of that priority where one ends. A zero where a
// length is expected is one byte of padding.
#pragma once

#include <optional>
#include <vector>

#include "events.hpp"
#include "submit_queue.hpp"
#include "trace.hpp"

namespace openais {

struct Packed {
  std::size_t size = 0;
  std::uint16_t first_start = DataHeader::kNoStart;
  Priority priority = Priority::kLow;
  bool safe = false;
  std::size_t messages = 0;  // that were completed
};

class Packer {
 public:
  Packer(SubmitQueues& queues, Events& events, bool trace) : queues_(queues), events_(events), trace_(trace) {}

  // Fills one packet that will be `seq` of `ring`. Nothing if no priority that is not plugged has anything to send.
  std::optional<Packed> fill(MutableBytes payload, const RingId& ring, std::uint64_t seq);
  // After a change of ring: messages of which only a part was sent start again.
  void restart() { sent_.fill(0); }

  void plug(std::uint8_t mask) { mask_ = mask; }
  // Packets that wait, about.
  std::size_t backlog(std::size_t payload_size) const;
  bool empty() const { return backlog(1) == 0; }
  // Messages that the last fill() completed; kept only if traced.
  std::vector<TraceRecord>& sent() { return records_; }

 private:
  bool fill_from(Priority priority, MutableBytes payload, const RingId& ring, std::uint64_t seq, Packed& packed);
  void completed(const SubmitHeader& header, Bytes message, Priority priority, std::uint64_t seq, Packed& packed);

  SubmitQueues& queues_;
  Events& events_;
  bool trace_;
  std::uint8_t mask_ = 0x0f;
  std::array<std::size_t, kPriorities> sent_{};  // bytes of the first message of each queue that are on their way
  std::vector<TraceRecord> records_;
};

}  // namespace openais
