using System.Globalization;
using System.Text;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Charts;

/// <summary>Curves over a range of steps or numbers.</summary>
/// <remarks>The drawing is stretched to its place while its words are not in it, so that they are readable at every width.</remarks>
/// <param name="Id">A name of its own in the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="XLabel">What runs to the right.</param>
/// <param name="YLabel">What runs upwards.</param>
/// <param name="Series">Curves, the hindmost first.</param>
public sealed record LineChart(string Id, string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    private const int Size = 1000;
    private const double NearEnd = 0.94;

    /// <summary>Where the curves begin and end.</summary>
    public required Axis X { get; init; }

    /// <summary>Equal ratios are equally high.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>As wide as the page.</summary>
    public bool IsWide { get; init; }

    /// <summary>One sentence on what can be seen, for those who hear the page.</summary>
    public string Description { get; init; } = "";

    /// <summary>The chart; nothing when no curve has a point.</summary>
    public Markup Render()
    {
        var values = Series.SelectMany(series => series.Drawn).Select(point => point.Y).ToList();
        if (values.Count == 0)
            return default;
        var y = IsLogarithmic ? Axis.Logarithmic(values) : Axis.Around(values);
        return Markup.Of(
            $"""
            <figure class="{(IsWide ? "wide" : "half")}"><figcaption><b>{Title}</b>{(Series.Count > 1 ? Markup.Each(Series.Where(series => series.Name.Length > 0), Legend) : default)}</figcaption>
            <div class="plot" style="--yw:{y.Ticks.Max(tick => tick.Text.Length) * 0.6:0.#}em"><div class="ylab">{YLabel}</div>
            <div class="yt">{Markup.Each(y.Ticks, tick => Markup.Of($"""<span style="bottom:{tick.Place * 100:0.##}%">{tick.Text}</span>"""))}</div>
            <svg viewBox="0 0 {Size} {Size}" preserveAspectRatio="none" role="img" aria-labelledby="{Id}-t {Id}-d"><title id="{Id}-t">{Title}</title><desc id="{Id}-d">{Description}</desc>
            <path class="grid" d="{string.Concat(y.Ticks.Select(tick => string.Create(CultureInfo.InvariantCulture, $"M0 {Size * (1 - tick.Place):0.#}H{Size}")))}"/>
            {Markup.Each(Series, series => Markup.Of($"""<path class="{series.Style}" d="{Path(series, y)}"/>"""))}<path class="axis" d="M0 {Size}H{Size}"/></svg>
            <div class="xt">{Markup.Each(X.Ticks, tick => Markup.Of($"""<span{(tick.Place > NearEnd ? Markup.Of($" class=\"e\"") : default)} style="left:{tick.Place * 100:0.##}%">{tick.Text}</span>"""))}</div>
            <div class="xlab">{XLabel}</div></div></figure>

            """);
    }

    private static Markup Legend(ChartSeries series) => Markup.Of(
        $"""<span class="legend"><svg viewBox="0 0 20 10" aria-hidden="true"><path class="{series.Style}" d="{(series.Style == ChartSeries.Band ? "M0 0H20V10H0Z" : "M0 5H20")}"/></svg>{series.Name}</span>""");

    private string Path(ChartSeries series, Axis y)
    {
        var path = new StringBuilder();
        foreach (var point in series.Drawn)
        {
            path.Append(series.Style == ChartSeries.Dots || path.Length == 0 ? 'M' : 'L').Append(CultureInfo.InvariantCulture, $"{Size * X.Place(point.X):0.#} {Size * (1 - y.Place(point.Y)):0.#}");
            if (series.Style == ChartSeries.Dots || series.Points.Count == 1)
                path.Append("h0");
        }

        return path.Append(series.Style == ChartSeries.Band ? "Z" : "").ToString();
    }
}
