// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorTextTest {

  @Test
  void quote_text_isQuoted() {
    assertThat(ErrorText.quote("a b")).isEqualTo("\"a b\"");
    assertThat(ErrorText.quote("")).isEqualTo("\"\"");
    assertThat(ErrorText.quote(java.nio.CharBuffer.wrap("a"))).isEqualTo("\"a\"");
  }

  @Test
  void quote_otherValue_isNotQuoted() {
    assertThat(ErrorText.quote(-1)).isEqualTo("-1");
    assertThat(ErrorText.quote(List.of("a", 1))).isEqualTo("[a, 1]");
    assertThat(ErrorText.quote(null)).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "'\r\n', \\u000d\\u000a",
    "'\t', \\u0009",
    "'\u001b[0m', \\u001b[0m",
    "'\u007f', \\u007f",
    "'\u0085', \\u0085",
    "'\"', \\u0022",
    "'\\', \\u005c",
    "'\u00e9', \\u00e9",
    "'\u2028\u202e', \\u2028\\u202e",
    "'\ud83d\ude00', \\ud83d\\ude00",
    "'\ud83d', \\ud83d",
    "'~ !', ~ !"
  })
  void quote_specialCharacter_isEscaped(String text, String escaped) {
    assertThat(ErrorText.quote(text)).isEqualTo('"' + escaped + '"');
  }

  @Test
  void quote_otherValueWithSpecialCharacters_isEscaped() {
    assertThat(ErrorText.quote(List.of("a\nb"))).isEqualTo("[a\\u000ab]");
  }

  @Test
  void quote_128Characters_areKept() {
    assertThat(ErrorText.quote("x".repeat(128))).isEqualTo('"' + "x".repeat(128) + '"');
  }

  @Test
  void quote_129Characters_areCut() {
    assertThat(ErrorText.quote("x".repeat(129))).isEqualTo('"' + "x".repeat(128) + "...\"");
    assertThat(ErrorText.quote("x".repeat(1 << 20))).hasSize(128 + 5);
  }

  @Test
  void quote_toStringThrows_namesBoth() {
    Object value =
        new Unprintable(
            () -> {
              throw new IllegalStateException("secret");
            });

    assertThat(ErrorText.quote(value))
        .isEqualTo(
            "<dev.heddle.error.ErrorTextTest$Unprintable.toString() threw"
                + " java.lang.IllegalStateException>");
  }

  @Test
  void quote_toStringThrowsAnErrorOfItsOwn_namesBoth() {
    for (Error error : List.of(new StackOverflowError(), new AssertionError("secret"))) {
      Object value =
          new Unprintable(
              () -> {
                throw error;
              });

      assertThat(ErrorText.quote(value))
          .isEqualTo(
              "<dev.heddle.error.ErrorTextTest$Unprintable.toString() threw "
                  + error.getClass().getName()
                  + ">");
    }
  }

  @Test
  void quote_valueThatContainsItself_namesTheStackOverflow() {
    Object[] self = new Object[1];
    self[0] = new Unprintable(() -> self[0].toString());

    assertThat(ErrorText.quote(self[0]))
        .endsWith(".toString() threw java.lang.StackOverflowError>");
  }

  @Test
  void quote_toStringRunsOutOfMemory_isThrown() {
    OutOfMemoryError error = new OutOfMemoryError("made up");
    Object value =
        new Unprintable(
            () -> {
              throw error;
            });

    assertThatThrownBy(() -> ErrorText.quote(value)).isSameAs(error);
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void quote_toStringReturnsNull_isSaid() {
    assertThat(ErrorText.quote(new Unprintable(() -> null)))
        .isEqualTo("<dev.heddle.error.ErrorTextTest$Unprintable.toString() returned null>");
  }

  /** A value whose text is somebody's code. */
  private record Unprintable(java.util.function.Supplier<String> text) {
    @Override
    public String toString() {
      return text.get();
    }
  }
}
