// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static dev.heddle.processor.Rule.rule;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a fork function must not be. */
class ForkRulesTest {

  private static Rule method(String method, String message) {
    return new Rule("@ForkFunction\ninterface Walk {\n" + method + "\n}\n", message);
  }

  private static String parameters(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ", int p" + i)
        .collect(Collectors.joining("", "ForkScope scope", ""));
  }

  static final List<Rule> RULES =
      List.of(
          rule(
              "@ForkFunction //!\nabstract class Walk { abstract int go(ForkScope scope, int a); }",
              "fork function must be an interface: Walk (declare its method in an interface, and"
                  + " keep a lambda of that in a constant)"),
          rule(
              "@ForkFunction\ninterface Walk<T> { //!\n  T go(ForkScope scope, int a);\n}",
              "fork function must not be generic: demo.Walk (give its parameters their types)"),
          rule(
              """
              @ForkFunction
              interface Walk extends Cloneable { //!
                int go(ForkScope scope, int a);
              }
              """,
              "fork function must not extend interfaces: Walk (declare the method here)"),
          rule(
              """
              class Outer {
                @ForkFunction
                private interface Walk { //!
                  int go(ForkScope scope, int a);
                }
              }
              """,
              "fork function must not be private: Walk (what is written has to see it)"),
          rule(
              "@ForkFunction\ninterface Walk { //!\n  default int go(int a) { return a; }\n}",
              "fork function must have one abstract method: Walk=0 (declare one interface a"
                  + " function)"),
          rule(
              """
              @ForkFunction
              interface Walk { //!
                int go(ForkScope scope, int a);
                int come(ForkScope scope, int a);
              }
              """,
              "fork function must have one abstract method: Walk=2 (declare one interface a"
                  + " function)"),
          rule(
              """
              @ForkFunction //!
              interface Walk {
                int go(ForkScope scope, int a);
              }
              class WalkFork {}
              """,
              "type to be written must not exist: demo.WalkFork (rename the interface)"),
          method(
              "  <T> int go(ForkScope scope, int a); //!",
              "fork function must not be generic: <T>go(dev.heddle.fork.ForkScope,int) (give its"
                  + " parameters their types)"),
          method(
              "  void go(ForkScope scope, int a); //!",
              "result of a fork function must be an int, a long, a double or an object: result=void"
                  + " (return one of them)"),
          method(
              "  float go(ForkScope scope, int a); //!",
              "result of a fork function must be an int, a long, a double or an object:"
                  + " result=float (return one of them)"),
          method(
              "  int go(ForkScope scope, int a) throws IOException; //!",
              "fork function must not throw checked exceptions: throws=java.io.IOException (wrap it"
                  + " in an unchecked one)"),
          method(
              "  int go(); //!",
              "first parameter of a fork function must be the scope: go() (begin with ForkScope"
                  + " scope)"),
          method(
              "  int go(\n      int a, //!\n      ForkScope scope);",
              "first parameter of a fork function must be the scope:"
                  + " go(int,dev.heddle.fork.ForkScope) (begin with ForkScope scope)"),
          method(
              "  int go(ForkScope scope); //!",
              "fork function must have 1 to 32 parameters after the scope: parameters=0 (without"
                  + " arguments a recursion has no end)"),
          method(
              "  int go(" + parameters(33) + "); //!",
              "fork function must have 1 to 32 parameters after the scope: parameters=33 (put some"
                  + " of them into an object)"),
          method(
              "  int go(ForkScope scope, int range, int Range); //!",
              "parameters of a fork function must differ in more than the case of their first"
                  + " letter: name=Range, other=range (rename one of them)"),
          rule(
              """
              class Outer {
                private static class Hidden {}
                @ForkFunction
                interface Walk {
                  int go(ForkScope scope, Hidden a); //!
                }
              }
              """,
              "type of a parameter must not be private, or protected elsewhere:"
                  + " type=demo.Outer.Hidden (what is written has to see it)"),
          rule(
              """
              class Outer {
                private static class Hidden {}
                @ForkFunction
                interface Walk {
                  Hidden go(ForkScope scope, int a); //!
                }
              }
              """,
              "type of a result must not be private, or protected elsewhere: type=demo.Outer.Hidden"
                  + " (what is written has to see it)"));

  @ParameterizedTest
  @FieldSource("RULES")
  void mistake_isToldAtItsLine(Rule rule) {
    rule.assertTold();
  }
}
