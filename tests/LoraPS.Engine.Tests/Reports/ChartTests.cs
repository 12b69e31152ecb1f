using FsCheck;
using FsCheck.Xunit;
using LoraPS.Engine.Reports.Charts;

namespace LoraPS.Engine.Tests.Reports;

public class ChartTests
{
    [Fact]
    public void A_long_curve_keeps_its_ends_its_order_and_its_spikes()
    {
        var points = Enumerable.Range(0, 100_000).Select(i => new CurvePoint(i, i == 54_321 ? 9 : i == 1234 ? -7 : Math.Sin(i / 1000.0))).ToList();
        var reduced = Curve.Reduce(points);
        Assert.InRange(reduced.Count, Curve.MostPoints / 2, Curve.MostPoints);
        Assert.Equal((9, -7), (reduced.Max(point => point.Y), reduced.Min(point => point.Y)));
        Assert.Equal(reduced.OrderBy(point => point.X), reduced);
        Assert.All(reduced, point => Assert.Equal(points[(int)point.X], point));
        Assert.Equal(points.Take(Curve.MostPoints), Curve.Reduce(points.Take(Curve.MostPoints).ToList()));
    }

    [Fact]
    public void A_smoothed_curve_of_one_value_is_that_value_from_its_first_point_on() =>
        Assert.All(Curve.Smooth([.. Enumerable.Range(0, 300).Select(i => new CurvePoint(i, 0.25))]), point => Assert.Equal(0.25, point.Y, 12));

    [Fact]
    public void A_smoothed_curve_lies_between_the_least_and_the_largest_value_and_varies_less()
    {
        var points = Enumerable.Range(0, 400).Select(i => new CurvePoint(i, i % 2)).ToList();
        var smooth = Curve.Smooth(points).Skip(100).Select(point => point.Y).ToList();
        Assert.InRange(smooth.Min(), 0.4, 0.5);
        Assert.InRange(smooth.Max(), 0.5, 0.6);
    }

    [Property(MaxTest = 200)]
    public void An_axis_holds_its_values_with_few_marks_at_different_words(NormalFloat first, NormalFloat second)
    {
        var axis = Axis.Around([first.Get, second.Get]);
        Assert.InRange(axis.Place(first.Get), -1e-9, 1 + 1e-9);
        Assert.InRange(axis.Place(second.Get), -1e-9, 1 + 1e-9);
        Assert.InRange(axis.Ticks.Count, 2, 7);
        Assert.Equal((0, 1), (Math.Round(axis.Ticks[0].Place, 6), Math.Round(axis.Ticks[^1].Place, 6)));
    }

    [Theory]
    [InlineData(0.02, 0.18, "0 0.05 0.10 0.15 0.20")]
    [InlineData(0, 1e-4, "0 5e-5 1e-4")]
    [InlineData(3, 3, "1 2 3 4 5")]
    [InlineData(0, 0, "-1.0 -0.5 0 0.5 1.0")]
    public void Marks_stand_at_round_values(double least, double most, string marks) =>
        Assert.Equal(marks, string.Join(' ', Axis.Around([least, most]).Ticks.Select(tick => tick.Text)));

    [Fact]
    public void A_logarithmic_axis_places_equal_ratios_equally_far_apart()
    {
        var axis = Axis.Logarithmic([0.003, 0.9]);
        Assert.Equal(["0.001", "0.01", "0.1", "1"], axis.Ticks.Select(tick => tick.Text));
        Assert.Equal(axis.Place(0.02) - axis.Place(0.01), axis.Place(0.2) - axis.Place(0.1), 9);
    }

    [Fact]
    public void A_chart_draws_no_value_that_is_not_finite()
    {
        var chart = new LineChart("id", "Loss", "step", "loss", [new("loss", "main", [new(1, 0.5), new(2, double.NaN), new(3, double.PositiveInfinity), new(4, 0.7)])]) { X = Axis.Exactly(0, 4) };
        var html = chart.Render().ToString();
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("∞", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", html, StringComparison.Ordinal);
        Assert.Contains("<title id=\"id-t\">Loss</title>", html, StringComparison.Ordinal);
        Assert.True(new LineChart("id", "Loss", "step", "loss", [new("loss", "main", [new(2, double.NaN)])]) { X = Axis.Exactly(0, 4) }.Render().IsEmpty);
    }
}
