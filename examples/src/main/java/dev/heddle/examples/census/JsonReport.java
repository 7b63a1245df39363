// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.io.PrintStream;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes a report as one JSON object, its members in the order of {@link Report}. */
final class JsonReport {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.INDENT_OUTPUT)
          // Right in any encoding of the console; class names may hold any letter.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private JsonReport() {}

  static void write(Report report, PrintStream out) {
    out.println(MAPPER.writeValueAsString(report));
  }
}
