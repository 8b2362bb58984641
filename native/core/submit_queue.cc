#include "submit_queue.hpp"

#include "limits.hpp"

namespace openais {

SubmitQueues::SubmitQueues(std::size_t bytes_each) {
  for (auto& queue : queues_) queue = std::make_unique<ByteRing>(bytes_each);
}

bool SubmitQueues::submit(Priority priority, std::uint8_t flags, std::uint64_t ticket, const RingId& only_in,
                          Bytes message, Bytes rest) {
  const std::size_t length = message.size() + rest.size();
  if (length == 0 || length > kMaxMessage) return false;
  ByteRing& ring = queue(priority);
  const std::size_t size = sizeof(SubmitHeader) + length;
  std::uint8_t* at = ring.reserve(size);
  if (at == nullptr) {
    refused_.fetch_or(static_cast<std::uint8_t>(1u << static_cast<unsigned>(priority)), std::memory_order_seq_cst);
    // The consumer may have made room and looked for who was refused just before that; it does not look again by
    // itself.
    at = ring.reserve(size);
    if (at == nullptr) return false;
  }
  const SubmitHeader header{{static_cast<std::uint32_t>(size), 1, 0, flags, 0}, ticket, only_in};
  std::memcpy(at, &header, sizeof header);
  at += sizeof header;
  if (!message.empty()) std::memcpy(at, message.data(), message.size());
  if (!rest.empty()) std::memcpy(at + message.size(), rest.data(), rest.size());
  ring.commit(size);
  return true;
}

bool SubmitQueues::empty() const {
  for (const auto& queue : queues_)
    if (!queue->empty()) return false;
  return true;
}

std::size_t SubmitQueues::used() const {
  std::size_t sum = 0;
  for (const auto& queue : queues_) sum += queue->used();
  return sum;
}

std::uint8_t SubmitQueues::take_room() {
  // Written, not just read: of this and submit()'s one comes first, and then either the refusal is seen here or the
  // room there.
  const std::uint8_t refused = refused_.fetch_or(0, std::memory_order_seq_cst);
  if (refused == 0) return 0;
  std::uint8_t room = 0;
  for (std::size_t p = 0; p < kPriorities; ++p) {
    const auto bit = static_cast<std::uint8_t>(1u << p);
    if ((refused & bit) != 0 && queues_[p]->used() <= queues_[p]->capacity() / 2) room |= bit;
  }
  if (room != 0) refused_.fetch_and(static_cast<std::uint8_t>(~room), std::memory_order_seq_cst);
  return room;
}

}  // namespace openais
