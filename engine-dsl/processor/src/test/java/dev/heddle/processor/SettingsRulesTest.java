// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static dev.heddle.processor.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import dev.heddle.EngineOptions;
import dev.heddle.Setting;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What settings must not be. */
class SettingsRulesTest {

  /** A component of a record that is right otherwise. */
  private static Rule component(String component, String message) {
    return new Rule(
        "@EngineSettings(\"app\")\nrecord Some(\n    int first,\n" + component + "\n) {}\n",
        message);
  }

  static final List<Rule> RULES =
      List.of(
          // ---- the record
          rule(
              "@EngineSettings(\"app\") //!\nclass Some { int a; }",
              "settings must be a record: Some (declare one component a setting)"),
          rule(
              "@EngineSettings(\"app\") //!\ninterface Some { int a(); }",
              "settings must be a record: Some (declare one component a setting)"),
          rule(
              "@EngineSettings(\"app\")\nrecord Some<T>(int a) {} //!",
              "settings must not be generic: demo.Some (give each component its type)"),
          rule(
              "class Outer {\n  @EngineSettings(\"app\")\n  private record Some(int a) {} //!\n}",
              "settings must not be private: Some (what is written has to see it)"),
          rule(
              "@EngineSettings(\"app\")\nrecord Some() {} //!",
              "settings must have a component: Some (declare one a setting)"),
          rule(
              "@EngineSettings(\"app\") //!\nrecord Some(int a) {}\nclass SomeLoader {}",
              "type to be written must not exist: demo.SomeLoader (rename the record)"),
          rule(
              "@EngineSettings(\"Heddle\") //!\nrecord Some(int a) {}",
              "prefix must not begin with that of the engine: prefix=\"Heddle\" (use the name of"
                  + " the program)"),
          rule(
              "@EngineSettings(\"heddle-app\") //!\nrecord Some(int a) {}",
              "prefix must not begin with that of the engine: prefix=\"heddle-app\" (use the name"
                  + " of the program)"),
          rule(
              """
              @EngineSettings("app")
              record Some(
                  Mode _mode) {} //!
              enum Mode { A }
              """,
              "key must be 1 to 64 characters of A-Z a-z 0-9 _ -, a letter first: key=\"_mode\""
                  + " (change it)"),
          rule(
              """
              @EngineSettings("app")
              record Some(
                  @Default("a-b") Mode mode) {} //!
              enum Mode { AB, A_B }
              """,
              "mode must be one of AB, A_B: mode=\"a-b\" (write one of them)"),
          rule(
              "@EngineSettings(\"my app\") //!\nrecord Some(int a) {}",
              "prefix must be 1 to 64 characters of A-Z a-z 0-9 - in words with dots between:"
                  + " prefix=\"my app\" (begin each word with a letter)"),
          rule(
              "@EngineSettings(\"*/ class Evil {}\") //!\nrecord Some(int a) {}",
              "prefix must be 1 to 64 characters of A-Z a-z 0-9 - in words with dots between:"
                  + " prefix=\"*/ class Evil {}\" (begin each word with a letter)"),

          // ---- its components
          component(
              "float a //!",
              "type of a setting must be an int, long, double, boolean, String, Duration,"
                  + " MemorySize or enum, or an Optional of a Duration or MemorySize: a=float (read"
                  + " it as one of them, and make the other of it)"),
          component(
              "java.util.List<String> a //!",
              "type of a setting must be an int, long, double, boolean, String, Duration,"
                  + " MemorySize or enum, or an Optional of a Duration or MemorySize:"
                  + " a=java.util.List<java.lang.String> (read it as one of them, and make the"
                  + " other of it)"),
          component(
              "Optional<String> a //!",
              "type of a setting must be an int, long, double, boolean, String, Duration,"
                  + " MemorySize or enum, or an Optional of a Duration or MemorySize:"
                  + " a=java.util.Optional<java.lang.String> (read it as one of them, and make the"
                  + " other of it)"),
          component(
              "Integer a //!",
              "type of a setting must be an int, long, double, boolean, String, Duration,"
                  + " MemorySize or enum, or an Optional of a Duration or MemorySize:"
                  + " a=java.lang.Integer (read it as one of them, and make the other of it)"),
          component(
              "int fir_st //!",
              "setting must have a key of its own, upper and lower case and _ alike: name=fir_st,"
                  + " other=first (rename one of them)"),
          component(
              "int größe //!",
              "key must be 1 to 64 characters of A-Z a-z 0-9 _ -, a letter first:"
                  + " key=\"gr\\u00f6\\u00dfe\" (change it)"),
          component(
              "int $a //!",
              "key must be 1 to 64 characters of A-Z a-z 0-9 _ -, a letter first: key=\"$a\""
                  + " (change it)"),
          rule(
              """
              @EngineSettings("app")
              record Some(
                  Mode a) {} //!
              enum Mode {}
              """,
              "enum of a setting must have constants: a=demo.Mode (declare one, or use another"
                  + " type)"),
          rule(
              """
              class Outer {
                private enum Mode { A }
                @EngineSettings("app")
                record Some(
                    Mode a) {} //!
              }
              """,
              "type of a setting must not be private, or protected elsewhere: type=demo.Outer.Mode"
                  + " (what is written has to see it)"),

          // ---- options of the engine
          component(
              "long workers //!",
              "option of the engine must have its type: workers=long (make it int, or give it"
                  + " another name)"),
          component(
              "Duration closeOnExit //!",
              "option of the engine must have its type: closeOnExit=java.time.Duration (make it"
                  + " java.util.Optional<java.time.Duration>, or give it another name)"),
          component(
              "@Default(\"0\") int workers //!",
              "workers must be a whole number from 1 to 1024: workers=\"0\" (leave it out to use"
                  + " one worker a processor)"),
          component(
              "@Default(\"1\") @Range(max = \"2000\") int workers //!",
              "workers must be a whole number from 1 to 1024: workers=\"2000\" (leave it out to use"
                  + " one worker a processor)"),
          component(
              "@Default(\"65\") @Range(max = \"64\") int workers //!",
              "workers must be a whole number from 1 to 64: workers=\"65\" (write a number of that"
                  + " range)"),
          component(
              "@Default(\"a b\") String name //!",
              "name must be 1 to 128 characters of A-Z a-z 0-9 . _ -: name=\"a b\" (replace the"
                  + " other characters, for example by '-')"),
          rule(
              """
              @EngineSettings("app")
              record Some( //!
                  @Default("64") int workers,
                  @Default("1MiB") MemorySize memory) {}
              """,
              "memory must be at least 64KiB a worker: memory=1MiB, workers=64 (use 4MiB or more,"
                  + " or fewer workers)"),
          component(
              "@Range(max = \"1000\") int queueCapacity //!",
              "default of the engine must be in the range: queueCapacity must be a whole number"
                  + " from 1 to 1000: queueCapacity=\"65536\" (write a number of that range)"),
          component(
              "@Range(max = \"64\") int workers //!",
              "range must come with a default where the engine's depends on the machine: @Range on"
                  + " workers (add @Default)"),

          // ---- defaults
          component(
              "@Default(\"many\") int a //!",
              "a must be a whole number from -2147483648 to 2147483647: a=\"many\" (write a number"
                  + " of that range)"),
          component(
              "@Default(\"2147483648\") int a //!",
              "a must be a whole number from -2147483648 to 2147483647: a=\"2147483648\" (write a"
                  + " number of that range)"),
          component(
              "@Default(\"NaN\") double a //!",
              "a must be a number from -1.7976931348623157E308 to 1.7976931348623157E308: a=\"NaN\""
                  + " (write a number of that range)"),
          component(
              "@Default(\"yes\") boolean a //!",
              "a must be true or false: a=\"yes\" (write true or false)"),
          component(
              "@Default(\"3 parsecs\") Duration a //!",
              "a must be a duration of zero or more such as 500ms, 10s, 2m, 1h or PT10S: a=\"3"
                  + " parsecs\" (use ms, s, m or h)"),
          component(
              "@Default(\"-1s\") Duration a //!",
              "a must be a duration of zero or more such as 500ms, 10s, 2m, 1h or PT10S: a=\"-1s\""
                  + " (use ms, s, m or h)"),
          component(
              "@Default(\"off\") Duration a //!",
              "a must be a duration of zero or more such as 500ms, 10s, 2m, 1h or PT10S: a=\"off\""
                  + " (use ms, s, m or h)"),
          component(
              "@Default(\"64MB\") MemorySize a //!",
              "a must be a size of at least 0B, such as 64MiB: a=\"64MB\" (use B, KiB, MiB or"
                  + " GiB)"),
          component(
              "@Default(\"9\") @Range(min = \"10\") int a //!",
              "a must be a whole number from 10 to 2147483647: a=\"9\" (write a number of that"
                  + " range)"),
          component(
              "@Default(\"9m\") @Range(max = \"8m\") Duration a //!",
              "a must be a duration from 0ms to 8m, such as 500ms, 10s, 2m, 1h or PT10S: a=\"9m\""
                  + " (use ms, s, m or h)"),
          rule(
              """
              @EngineSettings("app")
              record Some(
                  @Default("careless") Mode a) {} //!
              enum Mode { QUICK, VERY_SAFE }
              """,
              "a must be one of QUICK, VERY_SAFE: a=\"careless\" (write one of them)"),

          // ---- ranges
          component(
              "@Range(min = \"few\") int a //!",
              "a must be a whole number from -2147483648 to 2147483647: a=\"few\" (write a number"
                  + " of that range)"),
          component(
              "@Range(min = \"2\", max = \"1\") int a //!",
              "range must go from the less to the greater value: min=\"2\", max=\"1\" (change one"
                  + " of them)"),
          component(
              "@Range(min = \"2h\", max = \"1m\") Duration a //!",
              "range must go from the less to the greater value: min=\"2h\", max=\"1m\" (change one"
                  + " of them)"),
          component(
              "@Range(min = \"1\") boolean a //!",
              "range must be on a number, a duration or a size: a=boolean (take it off)"),
          component(
              "@Range(min = \"1\") String a //!",
              "range must be on a number, a duration or a size: a=java.lang.String (take it off)"),
          component(
              "@Range int a //!",
              "range must have an end: @Range on a (say min or max, or take it off)"),
          rule(
              "record Some(\n    @Default(\"1\") int a) {} //!",
              "it must be on a component of settings: @Default on a (add @EngineSettings to the"
                  + " record)"),
          rule(
              "record Some(\n    @Range(min = \"1\") int a) {} //!",
              "it must be on a component of settings: @Range on a (add @EngineSettings to the"
                  + " record)"));

  @ParameterizedTest
  @FieldSource("RULES")
  void mistake_isToldAtItsLine(Rule rule) {
    rule.assertTold();
  }

  /** All that is wrong is told at once. */
  @Test
  void mistakes_several_areAllTold() {
    Compilation compilation =
        Compiling.compile(
            "demo.Source",
            Compiling.PREAMBLE
                + """
                @EngineSettings("1")
                record Some<T>(
                    @Default("x") int a,
                    float b,
                    @Range(min = "2", max = "x") int c) {}
                """);
    assertThat(compilation.errors()).hasSize(5);
  }

  /** An option that the core gets is one for settings, too. */
  @Test
  void options_ofTheEngine_areAllKnown() throws ReflectiveOperationException {
    assertThat(EngineOption.ALL.values())
        .extracting(EngineOption::setting)
        .containsExactlyInAnyOrderElementsOf(EngineOptions.ALL);
    for (Map.Entry<String, EngineOption> each : EngineOption.ALL.entrySet()) {
      Setting<?> setting = each.getValue().setting();
      assertThat(setting.key()).isEqualTo(each.getKey());
      assertThat(EngineOptions.class.getField(each.getValue().constant()).get(null))
          .isSameAs(setting);
    }
    assertThat(EngineOptions.ALL).extracting(Setting::key).doesNotHaveDuplicates();
  }
}
