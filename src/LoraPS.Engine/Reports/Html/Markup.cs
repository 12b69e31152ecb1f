namespace LoraPS.Engine.Reports.Html;

/// <summary>Text that is HTML. It is made by <see cref="Of"/> alone, which encodes everything that is put into it.</summary>
public readonly record struct Markup
{
    private readonly string? _source;

    private Markup(string source) => _source = source;

    /// <summary>HTML with holes: text in them is encoded, HTML is not, numbers are written as all cultures read them.</summary>
    public static Markup Of(MarkupText text) => new(text.ToString());

    /// <summary>Pieces one after the other.</summary>
    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part._source)));

    /// <summary>A piece for each item.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> render) => Join(items.Select(render));

    /// <summary>True when there is nothing.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_source);

    /// <summary>The HTML.</summary>
    public override string ToString() => _source ?? "";
}
