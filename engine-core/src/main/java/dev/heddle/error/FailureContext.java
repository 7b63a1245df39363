// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What is known about a task that has failed: which one, where it ran, where it came from, and how
 * long it took. Immutable; it keeps names and numbers, and neither tasks nor classes.
 *
 * @param engine the name of the engine
 * @param taskId the number of the task
 * @param taskName its name
 * @param attempt 1 for the first
 * @param worker the name of the thread that ran it
 * @param site where it was submitted, or where tasks of its class were; empty if not looked up
 * @param parents who has submitted it: from the direct one outwards, up to one that had ended
 *     before, 16 at most
 * @param waited from being submitted to being started; empty if not measured, as for most tasks
 * @param ran for how long its body ran; empty if not measured
 * @param note why there is no further attempt, in words; empty if there is nothing to say
 */
public record FailureContext(
    String engine,
    long taskId,
    String taskName,
    int attempt,
    String worker,
    Optional<StackTraceElement> site,
    List<Parent> parents,
    Optional<Duration> waited,
    Optional<Duration> ran,
    String note) {

  private static final int MAX_SITE_LENGTH = 1_024; // the line number is at the end

  /**
   * Checks the parts and copies the list.
   *
   * @throws IllegalArgumentException if {@code attempt} is less than 1
   */
  public FailureContext {
    requireNonNull(engine, "engine");
    requireNonNull(taskName, "taskName");
    requireNonNull(worker, "worker");
    requireNonNull(site, "site");
    parents = List.copyOf(requireNonNull(parents, "parents"));
    requireNonNull(waited, "waited");
    requireNonNull(ran, "ran");
    requireNonNull(note, "note");
    if (attempt < 1) {
      throw new IllegalArgumentException(
          "attempt must be at least 1: attempt=" + attempt + " (count the first one as 1)");
    }
  }

  /**
   * A task that has submitted another one.
   *
   * @param id its number
   * @param name its name
   */
  public record Parent(long id, String name) {

    /** Refuses {@code null}. */
    public Parent {
      requireNonNull(name, "name");
    }

    /** Returns {@code name (id 12)}. */
    @Override
    public String toString() {
      return task(name, id);
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("id", id);
      map.put("name", name);
      return map;
    }
  }

  /**
   * Returns the same with another note.
   *
   * @param note why there is no further attempt, in words
   * @return a new context
   */
  public FailureContext withNote(String note) {
    return new FailureContext(
        engine, taskId, taskName, attempt, worker, site, parents, waited, ran, note);
  }

  /**
   * Returns it as data that every format can carry: strings, numbers, lists and maps. What is not
   * known has no entry. Times are in nanoseconds.
   *
   * @return a new map, in the order of the components
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("engine", engine);
    map.put("taskId", taskId);
    map.put("taskName", taskName);
    map.put("attempt", attempt);
    map.put("worker", worker);
    site.ifPresent(place -> map.put("site", place.toString()));
    map.put("parents", parents.stream().map(Parent::toMap).toList());
    waited.ifPresent(time -> map.put("waitedNanos", TimeUnit.NANOSECONDS.convert(time)));
    ran.ifPresent(time -> map.put("ranNanos", TimeUnit.NANOSECONDS.convert(time)));
    if (!note.isEmpty()) {
      map.put("note", note);
    }
    return map;
  }

  /**
   * Tells the story in two to five lines, without a line break at the end.
   *
   * @return lines for people
   */
  @Override
  public String toString() {
    StringBuilder story = new StringBuilder("task ").append(task(taskName, taskId));
    story.append(", attempt ").append(attempt).append(", on ").append(ErrorText.line(worker));
    story.append(", engine ").append(ErrorText.line(engine));
    site.ifPresent(
        place ->
            story
                .append("\nsubmitted at ")
                .append(ErrorText.line(place.toString(), MAX_SITE_LENGTH)));
    if (!parents.isEmpty()) {
      story.append(
          parents.stream()
              .map(Parent::toString)
              .collect(Collectors.joining(", by ", "\nsubmitted by ", "")));
    }
    story.append("\nwaited ").append(orUnknown(waited)).append(", ran ").append(orUnknown(ran));
    if (!note.isEmpty()) {
      story.append('\n').append(ErrorText.line(note));
    }
    return story.toString();
  }

  private static String task(String name, long id) {
    return ErrorText.line(name) + " (id " + id + ")";
  }

  private static String orUnknown(Optional<Duration> time) {
    return time.map(Duration::toString).orElse("(not measured)");
  }

  /**
   * Appends to a stack where the task was submitted, if that is known, below a frame that says so.
   */
  StackTraceElement[] appendSite(StackTraceElement[] stack) {
    if (site.isEmpty()) {
      return stack;
    }
    StackTraceElement[] longer = Arrays.copyOf(stack, stack.length + 2);
    longer[stack.length] = new StackTraceElement("dev.heddle.task", "submittedAt", taskName, -1);
    longer[stack.length + 1] = site.get();
    return longer;
  }
}
