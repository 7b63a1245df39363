// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.examples.Console;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The census as a JSON document, read by a parser that refuses anything beside it. */
final class Json {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  /** Runs a census that must succeed without a word on standard error. */
  static JsonNode census(String... args) throws Exception {
    String[] withJson = new String[args.length + 1];
    System.arraycopy(args, 0, withJson, 0, args.length);
    withJson[args.length] = "--json";
    Console console = Console.of(Census::run, withJson);
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    return MAPPER.readTree(console.out());
  }

  static Map<String, Long> opcodes(JsonNode census) {
    return counts(census.get("opcodes"), "opcode");
  }

  /** Returns the counts of a ranking in its order. */
  static Map<String, Long> counts(JsonNode ranking, String name) {
    Map<String, Long> counts = new LinkedHashMap<>();
    ranking.forEach(row -> counts.put(row.get(name).asString(), row.get("count").asLong()));
    return counts;
  }
}
