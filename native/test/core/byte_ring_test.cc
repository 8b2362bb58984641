#include "core/byte_ring.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "core/random.hpp"

namespace openais {
namespace {

constexpr std::uint8_t kType = 3;

// A frame whose contents tell its number and size.
bool put(ByteRing& ring, std::uint32_t number, std::size_t body) {
  const std::size_t size = kFrameHeader + 4 + body;
  std::uint8_t* at = ring.reserve(size);
  if (at == nullptr) return false;
  const FrameHeader header{static_cast<std::uint32_t>(size), kType, 0, 0, 0};
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + kFrameHeader, &number, 4);
  std::memset(at + kFrameHeader + 4, static_cast<int>(number & 0xff), body);
  ring.commit(size);
  return true;
}

// The number of the next frame; false if there is none. `is_whole` falls when its contents are not those that put()
// wrote.
bool take(ByteRing& ring, std::uint32_t& number, bool& is_whole) {
  const std::uint8_t* frame = ring.front();
  if (frame == nullptr) return false;
  FrameHeader header;
  std::memcpy(&header, frame, sizeof header);
  std::memcpy(&number, frame + kFrameHeader, 4);
  is_whole &= header.type == kType;
  for (std::size_t i = kFrameHeader + 4; i < header.size; ++i)
    is_whole &= frame[i] == static_cast<std::uint8_t>(number & 0xff);
  ring.pop();
  return true;
}

}  // namespace

TEST_CASE("frames come out as they went in, over many turns of the ring and with every size") {
  ByteRing ring(256);
  Random random({1, 2, 3, 4});
  std::uint32_t put_count = 0;
  std::uint32_t taken_count = 0;
  bool is_whole = true;
  while (put_count < 20000) {
    while (put(ring, put_count, random.next() % 100)) ++put_count;
    for (std::uint64_t i = random.next() % 4 + 1; i > 0; --i) {
      std::uint32_t number = 0;
      if (!take(ring, number, is_whole)) break;
      REQUIRE(number == taken_count);
      ++taken_count;
    }
  }
  CHECK(is_whole);
}

TEST_CASE("a full ring refuses and reserves nothing") {
  ByteRing ring(64);
  CHECK(ring.empty());
  CHECK(put(ring, 0, 20));
  CHECK(put(ring, 1, 20));
  CHECK(ring.used() == 64);
  CHECK(ring.reserve(8) == nullptr);
  std::uint32_t number = 9;
  bool is_whole = true;
  CHECK(take(ring, number, is_whole));
  CHECK(number == 0);
  CHECK(put(ring, 2, 20));
  CHECK(ring.reserve(8) == nullptr);
}

TEST_CASE("a frame of half the ring fits wherever the ring stands, and one larger than the ring never") {
  for (std::size_t offset = 0; offset < 256; offset += 8) {
    ByteRing ring(256);
    std::uint32_t number = 0;
    bool is_whole = true;
    for (std::size_t at = 0; at < offset; at += 16) {
      REQUIRE(put(ring, 1, 4));
      REQUIRE(take(ring, number, is_whole));
    }
    CHECK(put(ring, 7, 128 - kFrameHeader - 4));
    CHECK(take(ring, number, is_whole));
    CHECK(number == 7);
    CHECK(ring.empty());
    CHECK(ring.reserve(257) == nullptr);
    CHECK(ring.reserve(1 << 20) == nullptr);
  }
}

TEST_CASE("what was reserved and not committed does not exist") {
  ByteRing ring(64);
  REQUIRE(ring.reserve(24) != nullptr);
  CHECK(ring.front() == nullptr);
  CHECK(put(ring, 5, 4));
  std::uint32_t number = 0;
  bool is_whole = true;
  CHECK(take(ring, number, is_whole));
  CHECK(number == 5);
}

TEST_CASE("a consumer in bulk walks from tail to head and gives all back at once") {
  ByteRing ring(128);
  for (std::uint32_t i = 0; i < 4; ++i) REQUIRE(put(ring, i, 12));
  std::uint64_t at = ring.tail();
  std::uint32_t expected = 0;
  while (at != ring.head()) {
    FrameHeader header;
    const std::uint8_t* frame = ring.memory() + (at & (ring.capacity() - 1));
    std::memcpy(&header, frame, sizeof header);
    std::uint32_t number = 0;
    std::memcpy(&number, frame + kFrameHeader, 4);
    CHECK(number == expected++);
    at += frame_padded(header.size);
  }
  CHECK(expected == 4);
  ring.release(at);
  CHECK(ring.empty());
}

TEST_CASE("a producer and a consumer on threads of their own lose, double and tear nothing") {
  constexpr std::uint32_t kFrames = 200000;
  ByteRing ring(4096);
  std::thread producer([&] {
    Random random({4, 3, 2, 1});
    for (std::uint32_t i = 0; i < kFrames;) {
      if (put(ring, i, random.next() % 200)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  bool is_whole = true;
  bool is_in_order = true;
  for (std::uint32_t expected = 0; expected < kFrames;) {
    std::uint32_t number = 0;
    if (take(ring, number, is_whole)) {
      is_in_order &= number == expected++;
    } else {
      std::this_thread::yield();
    }
  }
  producer.join();
  CHECK(is_whole);
  CHECK(is_in_order);
  CHECK(ring.empty());
}

}  // namespace openais
