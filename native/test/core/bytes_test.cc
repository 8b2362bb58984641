#include "core/bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace openais {

TEST_CASE("what a writer writes a reader reads") {
  std::array<std::uint8_t, 80> memory{};
  const RingId ring{7, 0xdeadbeef, std::uint64_t{1} << 53};
  const Identity identity{0xffffffff, 1, 0x1122334455667788};
  const std::array<std::uint8_t, 3> tail{1, 2, 3};
  Writer writer(memory.data());
  writer.u8(0xff);
  writer.u16(0xfffe);
  writer.u32(0xfffffffd);
  writer.u64(0xfffffffffffffffc);
  writer.ring_id(ring);
  writer.identity(identity);
  writer.zeros(5);
  writer.bytes(tail);
  CHECK(writer.written() == 1 + 2 + 4 + 8 + 16 + 24 + 5 + 3);

  Reader reader(Bytes(memory.data(), writer.written()));
  CHECK(reader.u8() == 0xff);
  CHECK(reader.u16() == 0xfffe);
  CHECK(reader.u32() == 0xfffffffd);
  CHECK(reader.u64() == 0xfffffffffffffffc);
  CHECK(reader.ring_id() == ring);
  CHECK(reader.identity() == identity);
  reader.zeros(5);
  CHECK_FALSE(reader.done());
  CHECK(reader.left() == 3);
  const Bytes taken = reader.take(3);
  CHECK(std::vector<std::uint8_t>(taken.begin(), taken.end()) == std::vector<std::uint8_t>{1, 2, 3});
  CHECK(reader.done());
}

TEST_CASE("fields are little-endian") {
  std::array<std::uint8_t, 4> memory{};
  Writer(memory.data()).u32(0x01020304);
  CHECK(memory == std::array<std::uint8_t, 4>{4, 3, 2, 1});
}

TEST_CASE("a reader that ran over its end stays failed and gives zeros") {
  const std::array<std::uint8_t, 7> memory{1, 1, 1, 1, 1, 1, 1};
  Reader reader(memory);
  CHECK(reader.u64() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK(reader.left() == 0);
  CHECK(reader.take(1).empty());
  CHECK_FALSE(reader.done());
}

TEST_CASE("reserved bytes have to be zero") {
  std::array<std::uint8_t, 24> memory{};
  Reader clean(memory);
  clean.zeros(24);
  CHECK(clean.done());
  memory[23] = 1;
  Reader dirty(memory);
  dirty.zeros(24);
  CHECK_FALSE(dirty.ok());
  // The word behind the node of an identity.
  memory = {};
  memory[4] = 1;
  Reader identity(memory);
  identity.identity();
  CHECK_FALSE(identity.ok());
}

TEST_CASE("nothing can be taken from nothing, except nothing") {
  Reader reader(Bytes{});
  CHECK(reader.take(0).empty());
  CHECK(reader.done());
  reader.take(1);
  CHECK_FALSE(reader.done());
}

TEST_CASE("low halves widen to the nearest value") {
  const std::uint64_t edge = std::uint64_t{1} << 32;
  struct Row {
    std::uint32_t low;
    std::uint64_t reference;
    std::uint64_t wide;
  };
  for (const Row& row : {
           Row{5, 0, 5},
           Row{5, edge - 3, edge + 5},
           Row{0xfffffff0, edge + 2, edge - 16},
           Row{0, edge * 7, edge * 7},
           Row{0x7fffffff, edge, edge + 0x7fffffff},
           Row{0x80000000, edge, edge - 0x80000000},
           Row{17, (std::uint64_t{1} << 53) - 1, (std::uint64_t{1} << 53) + 17},
       }) {
    CAPTURE(row.low);
    CAPTURE(row.reference);
    CHECK(widen(row.low, row.reference) == row.wide);
  }
}

}  // namespace openais
