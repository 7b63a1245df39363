// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ErrorTextPropertyTest {

  @Property
  void quote_anyText_isOneShortLineOfPrintableAscii(@ForAll("texts") String text) {
    assertThat(ErrorText.quote(text)).matches("\"[ !#-~]{0,771}\"");
  }

  @Property
  void quote_anyText_canBeReadBack(@ForAll("texts") String text) {
    String quoted = ErrorText.quote(text);
    String inside = quoted.substring(1, quoted.length() - 1);
    boolean cut = text.length() > 128;

    assertThat(unescaped(cut ? inside.substring(0, inside.length() - 3) : inside))
        .isEqualTo(cut ? text.substring(0, 128) : text);
  }

  @Property
  void quote_anyNumber_isItsText(@ForAll long number) {
    assertThat(ErrorText.quote(number)).isEqualTo(Long.toString(number));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(300),
            Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(300))
        .withoutEdgeCases();
  }

  private static String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        out.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
        i += 5;
      } else {
        out.append(text.charAt(i));
      }
    }
    return out.toString();
  }
}
