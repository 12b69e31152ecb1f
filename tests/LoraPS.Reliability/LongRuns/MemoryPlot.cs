using System.Text;

namespace LoraPS.Reliability.LongRuns;

/// <summary>Draws memory and tensors over long runs as SVG: one panel a run, two lines each.</summary>
internal static class MemoryPlot
{
    private const int Width = 730;
    private const int PanelHeight = 200;
    private const int Left = 60;
    private const int Right = 80;
    private const int Top = 36;
    private const int Bottom = 30;

    /// <summary>The picture.</summary>
    public static string Draw(IReadOnlyList<MemoryCurve> curves)
    {
        var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {PanelHeight * curves.Count}\" font-family=\"sans-serif\" font-size=\"12\">\n")
            .AppendLine($"<rect width=\"{Width}\" height=\"{PanelHeight * curves.Count}\" fill=\"white\"/>");
        foreach (var (i, curve) in curves.Index())
            svg.AppendLine($"<g transform=\"translate(0 {i * PanelHeight})\">").Append(Panel(curve)).AppendLine("</g>");
        return svg.AppendLine("</svg>").ToString();
    }

    private static string Panel(MemoryCurve curve)
    {
        var (end, megabytes, tensors) = (curve.Samples[^1].At, curve.Samples.Max(sample => sample.Bytes) / 1048576.0 * 1.2, Math.Max(curve.Samples.Max(sample => sample.Tensors), 1) * 1.6);
        string Line(Func<MemorySample, double> height, string colour) =>
            $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{string.Join(' ', curve.Samples.Select(sample => $"{X(sample.At, end):0.0},{Y(height(sample)):0.0}"))}\"/>\n";
        return $"<text x=\"{Left}\" y=\"18\">{end:N0} {curve.Work}</text>\n"
            + $"<path d=\"M{Left} {Top}V{PanelHeight - Bottom}H{Width - Right}V{Top}\" fill=\"none\" stroke=\"#888\"/>\n"
            + $"<text x=\"{Left - 6}\" y=\"{Top + 4}\" text-anchor=\"end\" fill=\"#1f5fa8\">{megabytes:0} MiB</text><text x=\"{Left - 6}\" y=\"{PanelHeight - Bottom}\" text-anchor=\"end\" fill=\"#1f5fa8\">0</text>\n"
            + $"<text x=\"{Width - Right + 6}\" y=\"{Top + 4}\" fill=\"#b3541e\">{tensors:0} tensors</text>\n"
            + $"<text x=\"{Width - Right}\" y=\"{PanelHeight - 10}\" text-anchor=\"end\">{end:N0}</text>\n"
            + Line(sample => sample.Bytes / 1048576.0 / megabytes, "#1f5fa8")
            + Line(sample => sample.Tensors / tensors, "#b3541e");
    }

    private static double X(int at, int end) => Left + ((double)(Width - Left - Right) * at / end);

    private static double Y(double share) => PanelHeight - Bottom - ((PanelHeight - Bottom - Top) * share);
}
