// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.performance;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the results. Needs no display. */
final class Charts {

  private static final int WIDTH = 720;
  private static final int HEIGHT = 440;
  private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.5, 99.9};

  private Charts() {}

  /**
   * Writes all pictures as SVG.
   *
   * @return the files
   * @throws IOException if the folder or a file cannot be written
   */
  static List<Path> write(
      Path folder, List<Rate> rates, List<Dispatch> dispatches, List<Grain> grains)
      throws IOException {
    System.setProperty("java.awt.headless", "true"); // before anything of AWT is touched
    Files.createDirectories(folder);
    List<Rate> measured = rates.stream().filter(Rate::measured).toList();
    return List.of(
        save(throughput(measured), folder.resolve("throughput.svg")),
        save(scaling(measured), folder.resolve("scaling.svg")),
        save(dispatch(dispatches), folder.resolve("dispatch.svg")),
        save(grain(grains), folder.resolve("metg.svg")));
  }

  /** A bar a contestant for each number of workers. */
  private static CategoryChart throughput(List<Rate> rates) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("SHA-256 of 1 KiB: tasks per second")
            .xAxisTitle("workers")
            .yAxisTitle("thousand tasks per second")
            .build();
    style(chart.getStyler());
    byContestant(rates)
        .forEach(
            (name, each) ->
                chart.addSeries(
                    name,
                    each.stream().map(Rate::workers).toList(),
                    each.stream().map(rate -> rate.median() / 1e3).toList()));
    return chart;
  }

  /** A line a contestant, and the ideal: each worker as fast as the only one. */
  private static XYChart scaling(List<Rate> rates) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Scaling: times the rate of one worker")
            .xAxisTitle("workers")
            .yAxisTitle("speed-up")
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisDecimalPattern("0").setYAxisMin(0.0);
    byContestant(rates)
        .forEach(
            (name, each) ->
                chart.addSeries(
                    name,
                    workers(each),
                    each.stream()
                        .mapToDouble(rate -> rate.efficiency(each.getFirst()) * rate.workers())
                        .toArray()));
    double[] ideal = rates.stream().mapToDouble(Rate::workers).distinct().sorted().toArray();
    chart.addSeries("ideal", ideal, ideal).setMarker(SeriesMarkers.NONE).setLineColor(Color.GRAY);
    return chart;
  }

  /** A bar a contestant for each percentile. */
  private static CategoryChart dispatch(List<Dispatch> dispatches) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Dispatch: from submit to the start of the body")
            .xAxisTitle("percentile")
            .yAxisTitle("microseconds")
            .build();
    style(chart.getStyler());
    for (Dispatch each : dispatches) {
      chart.addSeries(
          each.contestant(),
          Arrays.stream(PERCENTILES).boxed().toList(),
          Arrays.stream(PERCENTILES).mapToObj(each::micros).toList());
    }
    return chart;
  }

  /** A line a contestant: the efficiency over the size of a body. */
  private static XYChart grain(List<Grain> grains) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("How small may the body of a fork be?")
            .xAxisTitle("nanoseconds of one body")
            .yAxisTitle("efficiency, percent")
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0);
    for (Grain each : grains) {
      chart.addSeries(
          each.contestant(),
          each.bodyNanos(),
          each.efficiency().stream().map(efficiency -> 100 * efficiency).toList());
    }
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal);
    styler.setChartBackgroundColor(Color.WHITE);
  }

  private static double[] workers(List<Rate> rates) {
    return rates.stream().mapToDouble(Rate::workers).toArray();
  }

  private static Map<String, List<Rate>> byContestant(List<Rate> rates) {
    return rates.stream()
        .collect(Collectors.groupingBy(Rate::contestant, LinkedHashMap::new, Collectors.toList()));
  }

  private static Path save(Chart<?, ?> chart, Path file) throws IOException {
    VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    return file;
  }
}
