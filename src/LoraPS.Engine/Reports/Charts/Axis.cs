using System.Globalization;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Charts;

/// <summary>A range of values and the marks along it.</summary>
public sealed class Axis
{
    private const double Widened = 0.5;

    private readonly bool _isLogarithmic;

    private Axis(double least, double most, IEnumerable<double> ticks, bool isLogarithmic)
    {
        (Least, Most, _isLogarithmic) = (least, most, isLogarithmic);
        var values = ticks.ToList();
        Ticks = [.. values.Select(value => (Place(value), Text(value, values)))];
    }

    /// <summary>Value at the start.</summary>
    public double Least { get; }

    /// <summary>Value at the end.</summary>
    public double Most { get; }

    /// <summary>Places, 0 to 1, with what is written there.</summary>
    public IReadOnlyList<(double Place, string Text)> Ticks { get; }

    /// <summary>An axis with marks at round values, widened so that it begins and ends at one.</summary>
    /// <param name="values">What it must hold.</param>
    /// <param name="marks">About how many spaces between marks.</param>
    public static Axis Around(IEnumerable<double> values, int marks = 4)
    {
        var (least, most) = Range(values);
        var step = RoundStep((most - least) / marks);
        least = Math.Floor(least / step) * step;
        most = Math.Ceiling(most / step) * step;
        return new(least, most, Marks(least, most, step), isLogarithmic: false);
    }

    /// <summary>An axis that begins and ends where it is told to, with marks at round values.</summary>
    public static Axis Exactly(double least, double most, int marks = 5)
    {
        most = most > least ? most : least + 1;
        var step = RoundStep((most - least) / marks);
        return new(least, most, Marks(Math.Ceiling(least / step) * step, most, step), isLogarithmic: false);
    }

    /// <summary>An axis on which equal ratios are equally long.</summary>
    /// <param name="values">Positive ones.</param>
    public static Axis Logarithmic(IEnumerable<double> values)
    {
        var (least, most) = Range(values.Select(Math.Log10));
        (least, most) = (Math.Floor(least), Math.Ceiling(most));
        var step = Math.Max(1, Math.Ceiling((most - least) / 5));
        return new(Math.Pow(10, least), Math.Pow(10, most), Marks(least, most, step).Select(power => Math.Pow(10, power)), isLogarithmic: true);
    }

    /// <summary>Where a value lies: 0 at the start, 1 at the end.</summary>
    public double Place(double value) => _isLogarithmic
        ? Math.Log(value / Least) / Math.Log(Most / Least)
        : (value - Least) / (Most - Least);

    private static (double Least, double Most) Range(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (least, most) = (finite.Min(), finite.Max());
        if (most > least)
            return (least, most);
        var room = least == 0 ? 1 : Math.Abs(least) * Widened;
        return (least - room, most + room);
    }

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double RoundStep(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return power * ((step / power) switch { <= 1.0001 => 1, <= 2.0001 => 2, <= 5.0001 => 5, _ => 10 });
    }

    private static IEnumerable<double> Marks(double first, double last, double step)
    {
        for (var i = 0; first + (i * step) <= last + (step * 1e-6); i++)
            yield return Math.Abs(first + (i * step)) < step * 1e-6 ? 0 : first + (i * step);
    }

    /// <summary>All marks with as many decimals as the finest of them needs.</summary>
    private string Text(double value, List<double> all)
    {
        if (_isLogarithmic || value is 0 || all.Max(Math.Abs) is < 1e-3 or >= 1e6)
            return Figures.Number(Math.Round(value, 12));
        var decimals = all.Max(mark => Math.Round(mark, 6).ToString("0.######", CultureInfo.InvariantCulture) is var text && text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point ? text.Length - point - 1 : 0);
        return value.ToString("N" + decimals, CultureInfo.InvariantCulture);
    }
}
