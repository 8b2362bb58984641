#include "fuzz/packet_target.hpp"

OPENAIS_FUZZ_PACKETS(kPong)
