// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.error.TaskException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Names, durations, sizes and settings made of pieces of what is right and of anything, a million
 * of them: each gives a value, or an error of ours that is one readable line.
 */
class SettingsFuzzTest {

  private static final int INPUTS = 1_000;

  private static final String[] PIECES = {
    "0",
    "1",
    "9",
    "007",
    "9223372036854775807",
    "9223372036854775808",
    "2147483648",
    "+",
    "-",
    ".",
    "e",
    "E9",
    "e-999",
    "0x",
    "_",
    "ms",
    "s",
    "m",
    "h",
    "d",
    "S",
    "P",
    "PT",
    "T",
    "H",
    "M",
    "B",
    "KiB",
    "MiB",
    "GiB",
    "kib",
    "off",
    "true",
    "false",
    "quick",
    "VERY_SAFE",
    "heddle.",
    "app.",
    "workers",
    "size",
    "wait",
    "name",
    "=",
    ",",
    ";",
    "\"",
    "'",
    "\\",
    "*/",
    "${x}",
    "{@link}",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "\u0085",
    "\u2028",
    "\u202e",
    "\u0665",
    "\u0130",
    "\u00df",
    "é",
    "😀",
    "\ud83e",
    "\udd9e",
    "%s",
    "%n",
    "<b>",
    "../",
    "NaN",
    "Infinity",
    "null"
  };

  private enum Mode {
    QUICK,
    VERY_SAFE
  }

  private static final List<Setting<?>> KINDS =
      List.of(
          Setting.ofInt("count", -5, 5_000),
          Setting.ofLong("number", Long.MIN_VALUE, Long.MAX_VALUE),
          Setting.ofDouble("share", 0, 1),
          Setting.ofBoolean("log"),
          Setting.ofText("title"),
          Setting.ofEnum("mode", Mode.class),
          Setting.ofDuration("wait", Duration.ZERO, Setting.FOREVER),
          Setting.ofDuration("limit", Duration.ofMillis(1), Duration.ofDays(1)).orOff(),
          Setting.ofSize("size", MemorySize.bytes(1), MemorySize.MAX));

  private static final Settings SETTINGS = Settings.of("app", KINDS);

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int pieces = random.nextInt(6); pieces > 0; pieces--) {
      text.append(
          random.nextInt(8) == 0
              ? String.valueOf((char) random.nextInt(0x10000))
              : PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  private static void assertTyped(Runnable call) {
    try {
      call.run();
    } catch (TaskException e) {
      assertThat(e.getMessage()).matches("[ -~]{1,4000}");
    }
  }

  @Property(tries = 1_000_000 / (4 * INPUTS))
  void texts_ofAnyKind_giveAValueOrATypedError(@ForAll Random random) {
    for (int i = 0; i < INPUTS; i++) {
      String text = text(random);
      Setting<?> kind = KINDS.get(random.nextInt(KINDS.size()));
      assertTyped(() -> assertThat(kind.parse(text)).isNotNull());
      TimeText.parse(text)
          .ifPresent(time -> assertThat(TimeText.parse(TimeText.of(time))).contains(time));
      assertTyped(() -> TaskOptions.defaults().name(text));
      Map<String, String> map = new HashMap<>();
      for (int entries = random.nextInt(4); entries >= 0; entries--) {
        map.put("app." + text(random), text(random));
      }
      assertTyped(() -> SETTINGS.load(map));
    }
  }

  /** A megabyte of what could be the begin of something takes no stack and no quadratic time. */
  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void texts_aMegabyteLong_giveAValueOrATypedError() {
    for (String piece : PIECES) {
      String text = piece.repeat((1 << 20) / piece.length());
      for (Setting<?> kind : KINDS) {
        assertTyped(() -> kind.parse(text));
      }
      assertThat(TimeText.parse(text)).isEmpty();
      assertTyped(() -> TaskOptions.defaults().name(text));
      assertTyped(() -> Settings.of(text, List.of()));
      assertTyped(() -> SETTINGS.load(Map.of("app." + text, text)));
      assertTyped(() -> SETTINGS.load(Map.of("app.count", text)));
    }
  }
}
