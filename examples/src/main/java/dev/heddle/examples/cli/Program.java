// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Runs a picocli command as a program that speaks to its user in plain text, one line a mistake.
 */
public final class Program {

  private Program() {}

  /**
   * Runs a command.
   *
   * @param command the command
   * @param args its options
   * @param out where it writes
   * @param err where mistakes are written, each on one line after the name of the command
   * @param mistakes exceptions of the command that are its user's mistakes, as wrong options are;
   *     others are thrown
   * @return the exit code
   */
  public static int run(
      Callable<Integer> command,
      String[] args,
      PrintStream out,
      PrintStream err,
      Set<Class<? extends Exception>> mistakes) {
    return new CommandLine(command)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .setParameterExceptionHandler((error, _) -> refuse(error.getCommandLine(), error, err))
        .setExecutionExceptionHandler(
            (error, line, parsed) -> {
              if (mistakes.stream().anyMatch(type -> type.isInstance(error))) {
                return refuse(line, error, err);
              }
              throw error;
            })
        .execute(args);
  }

  private static int refuse(CommandLine line, Exception error, PrintStream err) {
    // The libraries' messages may quote what the user gave: still one line.
    String message = String.valueOf(error.getMessage()).replaceAll("\\p{Cntrl}+", " ");
    err.println(line.getCommandName() + ": " + message);
    return ExitCode.USAGE;
  }

  /**
   * Checks the value of an option.
   *
   * @param spec the command
   * @param option the name without dashes
   * @param value what the user gave
   * @param max the largest allowed value; the smallest is 1
   * @param byDefault the value without the option
   * @return the value
   */
  public static int inRange(CommandSpec spec, String option, int value, int max, int byDefault) {
    if (value < 1 || value > max) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "%s must be from 1 to %d: %s=%d (leave it out for %d)",
              option,
              max,
              option,
              value,
              byDefault));
    }
    return value;
  }
}
