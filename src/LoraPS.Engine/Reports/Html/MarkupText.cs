using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LoraPS.Engine.Reports.Html;

/// <summary>What the compiler makes of an interpolated string that becomes <see cref="Markup"/>.</summary>
[InterpolatedStringHandler]
public readonly ref struct MarkupText
{
    private const char Replacement = '\uFFFD';

    private readonly StringBuilder _html;

    /// <summary>Called by what the compiler makes of an interpolated string.</summary>
    /// <param name="literalLength">Characters of HTML.</param>
    /// <param name="formattedCount">Holes.</param>
    public MarkupText(int literalLength, int formattedCount) => _html = new(literalLength + (16 * formattedCount));

    /// <summary>What stands in the program is HTML.</summary>
    public void AppendLiteral(string html) => _html.Append(html);

    /// <summary>HTML stays as it is.</summary>
    public void AppendFormatted(Markup html) => _html.Append(html.ToString());

    /// <summary>Text is encoded, for elements and for attributes in quotes; what no page may hold or what turns the text around it becomes U+FFFD.</summary>
    public void AppendFormatted(string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            // Lone surrogates come as U+FFFD already.
            if (rune.Value switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&quot;", '\'' => "&#39;", _ => null } is { } entity)
                _html.Append(entity);
            else if (IsHarmful(rune))
                _html.Append(Replacement);
            else
                _html.Append(rune.ToString());
        }
    }

    /// <summary>Numbers.</summary>
    public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable =>
        AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => _html.ToString();

    private static bool IsHarmful(Rune rune) =>
        (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t')) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFFFE or 0xFFFF;
}
