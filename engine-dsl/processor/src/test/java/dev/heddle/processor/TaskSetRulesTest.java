// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static dev.heddle.processor.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a task set must not be. */
class TaskSetRulesTest {

  /** In an interface that is right otherwise. */
  private static Rule method(String method, String message) {
    return new Rule("@TaskSet\ninterface Ops {\n" + method + "\n}\n", message);
  }

  static final List<Rule> RULES =
      List.of(
          // ---- the interface
          rule(
              "@TaskSet class Ops {} //!",
              "task set must be an interface: Ops (declare its methods in an interface, and"
                  + " implement that)"),
          rule(
              "@TaskSet enum Ops { A } //!",
              "task set must be an interface: Ops (declare its methods in an interface, and"
                  + " implement that)"),
          rule(
              "@TaskSet @interface Ops {} //!",
              "task set must be an interface: Ops (declare its methods in an interface, and"
                  + " implement that)"),
          rule(
              "@TaskSet\ninterface ImageOps<T> { //!\n  int a();\n}",
              "task set must not be generic: demo.ImageOps (its records stand for one type each;"
                  + " declare one set for each)"),
          rule(
              "@TaskSet\ninterface ImageOps extends Runnable { //!\n  int a();\n}",
              "task set must not extend interfaces: ImageOps (declare the methods here, so that its"
                  + " tasks are all in one place)"),
          rule(
              """
              @TaskSet
              sealed interface ImageOps permits Impl { //!
                int a();
              }
              final class Impl implements ImageOps { public int a() { return 1; } }
              """,
              "task set must not be sealed: ImageOps (anybody may implement it, a test for one)"),
          rule(
              "class Outer {\n  @TaskSet\n  private interface ImageOps { //!\n    int a();\n  }\n}",
              "task set must not be private: ImageOps (what is written has to see it)"),
          rule(
              """
              class Outer {
                private static class Inner {
                  @TaskSet
                  interface ImageOps { //!
                    int a();
                  }
                }
              }
              """,
              "task set must not be private: ImageOps (what is written has to see it)"),
          rule(
              "@TaskSet\ninterface ImageOps {} //!",
              "task set must have a task: ImageOps (declare an abstract method)"),
          rule(
              "@TaskSet(\"1st\") //!\ninterface ImageOps {\n  int a();\n}",
              "name of a task set must be 1 to 63 characters of A-Z a-z 0-9, a letter first:"
                  + " value=\"1st\" (choose what the names of its types begin with)"),
          rule(
              "@TaskSet(\"x; class Evil {} //\") //!\ninterface ImageOps {\n  int a();\n}",
              "name of a task set must be 1 to 63 characters of A-Z a-z 0-9, a letter first:"
                  + " value=\"x; class Evil {} //\" (choose what the names of its types begin"
                  + " with)"),
          rule(
              "@TaskSet(\"Image\") //!\ninterface Some {\n  int a();\n}\nclass ImageTask {}",
              "type to be written must not exist: demo.ImageTask (give the set another name:"
                  + " @TaskSet(\"...\"))"),

          // ---- its methods
          method(
              "  int add(int a);\n  int add(long a); //!",
              "tasks of a set must have names of their own, upper and lower case alike: name=add,"
                  + " other=add(int) (tell them apart: @Named(\"...\"))"),
          method(
              "  int add(int a);\n  int aDD(int a); //!",
              "tasks of a set must have names of their own, upper and lower case alike: name=aDD,"
                  + " other=add(int) (tell them apart: @Named(\"...\"))"),
          method(
              "  int add(int a);\n  @Named(\"add\")\n  int plus(int a); //!",
              "tasks of a set must have names of their own, upper and lower case alike: name=add,"
                  + " other=add(int) (tell them apart: @Named(\"...\"))"),
          method(
              "  @Named(\"a b\") //!\n  int add(int a);",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"a b\" (use @Named to give it another)"),
          method(
              "  @Named(\"*/ x\\n\") //!\n  int add(int a);",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"*/ x\\u{a}\" (use @Named to give it another)"),
          method(
              "  @Named(\"class\") //!\n  int add(int a);",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"class\" (use @Named to give it another)"),
          method(
              "  int my_add(int a); //!",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"my_add\" (use @Named to give it another)"),
          method(
              "  int submit(int a); //!",
              "name of a task must not be that of something else which is written: name=submit (use"
                  + " @Named to give it another)"),
          method(
              "  int yield(int a); //!",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"yield\" (use @Named to give it another)"),
          rule(
              "@TaskSet\ninterface MathOps {\n  int mathTask(int a); //!\n}",
              "name of a task must not be that of something else which is written: name=mathTask"
                  + " (use @Named to give it another)"),
          method(
              "  int my_a();  //!\n  @Named(\"b\") int my_b();",
              "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
                  + " keyword: name=\"my_a\" (use @Named to give it another)"),
          method(
              "  int add() throws Throwable; //!",
              "task must throw exceptions and errors only: throws=java.lang.Throwable (declare"
                  + " Exception, or what it is)"),
          rule(
              "@TaskSet\n@Timeout(\"x\") //!\ninterface Ops {\n  int a();\n  int b();\n}",
              "time must be a whole number and a unit: value=\"x\" (write 250ms, 2s, 5m or 1h, or"
                  + " PT0.25S)"),
          rule(
              """
              class Outer {
                private static class Hidden {}
                @TaskSet
                interface ImageOps {
                  int add(java.util.List<? super Hidden> a); //!
                }
              }
              """,
              "type of a parameter must not be private, or protected elsewhere:"
                  + " type=demo.Outer.Hidden (what is written has to see it)"),
          rule(
              """
              class Outer {
                private static class Hidden extends Exception {}
                @TaskSet
                interface ImageOps {
                  @Retry(max = 2, on = Hidden.class) //!
                  int add() throws Hidden;
                }
              }
              """,
              "error must not be private, or protected elsewhere: on=demo.Outer.Hidden (what is"
                  + " written has to see it)"),
          rule(
              """
              class Heir extends javax.swing.JComponent {
                @TaskSet
                interface ImageOps {
                  int add(javax.swing.JComponent.AccessibleJComponent a);
                  int more(java.util.List<java.awt.Component.BltBufferStrategy> a); //!
                }
              }
              """,
              "type of a parameter must not be private, or protected elsewhere:"
                  + " type=java.awt.Component.BltBufferStrategy (what is written has to see it)"),
          method(
              "  <T> T add(int a); //!",
              "task must not be generic: <T>add(int) (declare a method for each type that is"
                  + " needed)"),
          method(
              "  int add(TaskContext context, int a); //!",
              "TaskContext must be the last parameter: context (move it to the end; there is one)"),
          method(
              "  int add(int hashCode); //!",
              "parameter of a task must not be called like a method of its record: name=hashCode"
                  + " (give it another name)"),
          rule(
              """
              class Outer {
                private static class Hidden {}
                @TaskSet
                interface ImageOps {
                  int add(Hidden a); //!
                }
              }
              """,
              "type of a parameter must not be private, or protected elsewhere:"
                  + " type=demo.Outer.Hidden (what is written has to see it)"),
          rule(
              """
              class Outer {
                private static class Hidden {}
                @TaskSet
                interface ImageOps {
                  java.util.List<Hidden[]> add(); //!
                }
              }
              """,
              "type of a result must not be private, or protected elsewhere: type=demo.Outer.Hidden"
                  + " (what is written has to see it)"),
          method(
              "  int add();\n  @Blocking //!\n  default int more() { return 1; }",
              "option must be on an abstract method, which is a task: @Blocking on more() (take it"
                  + " off, or take the body out)"),
          rule(
              "interface Ops {\n  @Interruptible //!\n  int add();\n}",
              "option must be on a task set or its method: @Interruptible on add() (add @TaskSet to"
                  + " the interface)"),

          // ---- options
          method(
              "  @Retry(max = 1) //!\n  int add();",
              "retry must allow 2 attempts or more: max=1 (leave @Retry out for one attempt)"),
          method(
              "  @Retry(max = -3) //!\n  int add();",
              "retry must allow 2 attempts or more: max=-3 (leave @Retry out for one attempt)"),
          method(
              "  @Retry(max = Retry.UNLIMITED) //!\n  int add();",
              "unlimited retry must have a limit of time: max=UNLIMITED, maxTime=\"\" (add maxTime,"
                  + " or say how many attempts)"),
          method(
              "  @Retry(max = 2, delay = \"fast\") //!\n  int add();",
              "time must be a whole number and a unit: delay=\"fast\" (write 250ms, 2s, 5m or 1h,"
                  + " or PT0.25S)"),
          method(
              "  @Retry(max = 2, delay = \"-1s\") //!\n  int add();",
              "time must be a whole number and a unit: delay=\"-1s\" (write 250ms, 2s, 5m or 1h, or"
                  + " PT0.25S)"),
          method(
              "  @Retry(max = 2, delay = \"25h\") //!\n  int add();",
              "delay must be at most a day: delay=25h (schedule another task for what is later)"),
          method(
              "  @Retry(max = 2, factor = 0.5) //!\n  int add();",
              "factor must be 1 to 100: factor=0.5 (use 1 for equal delays, 2 for doubled ones)"),
          method(
              "  @Retry(max = 2, factor = Double.NaN) //!\n  int add();",
              "factor must be 1 to 100: factor=NaN (use 1 for equal delays, 2 for doubled ones)"),
          method(
              "  @Retry(max = 2, jitter = 1.5) //!\n  int add();",
              "jitter must be 0 to 1: jitter=1.5 (use 0.5 for delays that are up to a half"
                  + " shorter)"),
          method(
              "  @Retry(max = 2, delay = \"2s\", maxDelay = \"1s\") //!\n  int add();",
              "maxDelay must be at least the delay, and at most a day: maxDelay=1s, delay=2s (make"
                  + " it longer, or the delay shorter)"),
          method(
              "  @Retry(max = 2, maxTime = \"soon\") //!\n  int add();",
              "time must be a whole number and a unit: maxTime=\"soon\" (write 250ms, 2s, 5m or 1h,"
                  + " or PT0.25S)"),
          method(
              "  @Retry(max = 2, on = IOException.class) //!\n  int add();",
              "checked exception must be one that the method declares: on=java.io.IOException,"
                  + " method=add() (add it to its throws clause, or take it out here)"),
          method(
              "  @Retry(max = 2, unless = IOException.class) //!\n  int add();",
              "checked exception must be one that the method declares: unless=java.io.IOException,"
                  + " method=add() (add it to its throws clause, or take it out here)"),
          method(
              "  @Retry(max = 2, on = {Error.class, Error.class}) //!\n  int add();",
              "error must be given once: on=java.lang.Error (take one out)"),
          method(
              "  @Retry(max = 2, on = AssertionError.class, unless = Error.class) //!\n"
                  + "  int add();",
              "error must not be both on and unless: type=java.lang.AssertionError (take it out of"
                  + " one of them)"),
          method(
              "  @Timeout //!\n  int add();",
              "timeout must limit something: @Timeout on add() (say how long each attempt may take,"
                  + " or total = how long all together)"),
          method(
              "  @Timeout(\"0s\") //!\n  int add();",
              "time must be more than zero: value=\"0s\" (leave it out for no limit)"),
          method(
              "  @Timeout(\"2 parsecs\") //!\n  int add();",
              "time must be a whole number and a unit: value=\"2 parsecs\" (write 250ms, 2s, 5m or"
                  + " 1h, or PT0.25S)"),
          method(
              "  @Timeout(value = \"2s\", total = \"1s\") //!\n  int add();",
              "total timeout must not be less than that of an attempt: total=1s, value=2s (make it"
                  + " longer, or leave the other out)"),
          method(
              "  @Hedge(\"\") //!\n  int add();",
              "time must be a whole number and a unit: value=\"\" (write 250ms, 2s, 5m or 1h, or"
                  + " PT0.25S)"),
          method(
              "  @Timeout(\"1s\")\n  @Hedge(\"1s\") //!\n  int add();",
              "hedge must begin before the timeout: hedge=1s, timeout=PT1S (make it shorter, or"
                  + " leave it out)"));

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
                @TaskSet
                interface Ops<T> {
                  @Retry(max = 0)
                  int add(int hashCode);

                  @Timeout("x")
                  int add(long a);
                }
                """);
    assertThat(compilation.errors()).hasSize(5);
  }

  @Test
  void rules_areAtLeastThirty_andDistinct() {
    assertThat(RULES).hasSizeGreaterThanOrEqualTo(40);
    assertThat(Rule.distinct(RULES)).isGreaterThanOrEqualTo(30);
  }
}
