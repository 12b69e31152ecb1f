using LoraPS.Engine.Inspection;
using LoraPS.Engine.Reports.Charts;
using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>How strong a LoRA is and where, and how many directions it uses.</summary>
internal static class WeightSection
{
    private const int MostModules = 400;
    private const double LowQuantile = 0.1;
    private const double HighQuantile = 0.9;
    private const double LeastDrawn = 1e-6;

    /// <summary>The section; empty without a LoRA.</summary>
    public static Section Of(LoraFacts? lora) => new("weights", "Weights", lora switch
    {
        null => default,
        { Measurement: null } => Markup.Of($"""<p class="warn">The weights cannot be measured: {lora.Problem}</p>"""),
        { Measurement: { } measured } => Markup.Of($"{Norms(measured)}{Spectrum(measured)}{Dead(measured)}{Modules(measured)}"),
    });

    private static Markup Norms(LoraMeasurement measured)
    {
        var columns = ModuleRole.All.Where(role => measured.Modules.Any(module => ModuleRole.Of(module.Name) == role)).ToList();
        var map = new HeatMap("Weight norm by block and kind of layer", "block", ["all", .. columns]);
        foreach (var block in measured.Blocks)
        {
            var byRole = measured.Modules.Where(module => module.Block == block.Block).ToLookup(module => ModuleRole.Of(module.Name), module => module.Norm * module.Norm);
            map.Add(block.Block?.ToString() ?? "none", [block.Norm, .. columns.Select(role => byRole.Contains(role) ? Math.Sqrt(byRole[role].Sum()) : (double?)null)]);
        }

        return Markup.Of(
            $"""
            <h3>Weight norm by block</h3><p class="note">Frobenius norm of the weight differences, strength (alpha / rank) counted. BASE is the text encoder.</p>
            {map.Render()}
            """);
    }

    /// <summary>Singular values as shares of each module's largest: where the curve has fallen low, ranks are unused.</summary>
    private static Markup Spectrum(LoraMeasurement measured)
    {
        var shares = measured.Modules.Where(module => module.SpectralNorm > 0).Select(module => module.SingularValues.Select(value => Math.Max(value / module.SpectralNorm, LeastDrawn)).ToList()).ToList();
        var longest = shares.Select(values => values.Count).DefaultIfEmpty(0).Max();
        if (longest < 2)
            return default;
        IReadOnlyList<CurvePoint> Line(double share) => [.. Enumerable.Range(0, longest)
            .Select(i => new CurvePoint(i + 1, Quantile([.. shares.Where(values => values.Count > i).Select(values => values[i]).Order()], share)))];
        var (low, middle, high) = (Line(LowQuantile), Line(0.5), Line(HighQuantile));
        return Markup.Of(
            $"""
            <h3>Spectrum</h3><div class="charts">{new LineChart("spectrum", "Singular values", "number of the singular value", "share of the largest", [new("8 of 10 modules", ChartSeries.Band, [.. low, .. high.Reverse()]), new("median", "main", middle)])
            {
                X = Axis.Exactly(1, longest, Math.Min(longest - 1, 6)),
                IsLogarithmic = true,
                IsWide = true,
                Description = $"In the median module the last of {longest} singular values is {Figures.Number(middle[^1].Y)} of the largest.",
            }.Render()}</div>
            """);
    }

    private static double Quantile(IReadOnlyList<double> ordered, double share) => ordered[(int)Math.Round(share * (ordered.Count - 1))];

    private static Markup Dead(LoraMeasurement measured) => measured.DeadModules is { Count: > 0 } dead
        ? Markup.Of($"""<details><summary>{Figures.Plural(dead.Count, "module changes", "modules change")} nothing</summary><pre>{string.Join('\n', dead)}</pre></details>""")
        : default;

    private static Markup Modules(LoraMeasurement measured)
    {
        var table = new Table("Modules, the strongest first", "Module%", "Block", "Rank#", "Alpha#", "Norm#", "Spectral norm#", "Effective rank#");
        foreach (var module in measured.Modules.OrderByDescending(module => module.Norm).ThenBy(module => module.Name, StringComparer.Ordinal).Take(MostModules))
        {
            table.Add(
                Markup.Of($"<code>{module.Name}</code>"), Markup.Of($"{module.Block?.ToString()}"), Markup.Of($"{module.Rank}"), Markup.Of($"{Figures.Number(module.Alpha)}"),
                Markup.Of($"{Figures.Compact(module.Norm)}"), Markup.Of($"{Figures.Compact(module.SpectralNorm)}"), Markup.Of($"{module.EffectiveRank:0.0}"));
        }

        var shown = measured.Modules.Count > MostModules ? $"The {MostModules} strongest of {Figures.Count(measured.Modules.Count)} modules" : Figures.Plural(measured.Modules.Count, "module");
        return Markup.Of($"<details><summary>{shown}</summary>{table.Render()}</details>");
    }
}
