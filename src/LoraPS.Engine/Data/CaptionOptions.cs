namespace LoraPS.Engine.Data;

/// <summary>What happens to a caption each time its picture is drawn. Defaults change nothing.</summary>
/// <remarks>The reference's option names are in brackets.</remarks>
public sealed record CaptionOptions
{
    /// <summary>Puts the tags behind the kept ones in random order (<c>shuffle_caption</c>).</summary>
    /// <value>Default false.</value>
    public bool Shuffle { get; init; }

    /// <summary>What stands between tags (<c>caption_separator</c>). Tags are always joined again by a comma and a blank.</summary>
    /// <value>Default ",".</value>
    public string Separator { get; init; } = ",";

    /// <summary>How many tags at the front keep their place (<c>keep_tokens</c>).</summary>
    /// <value>Tags; default 0.</value>
    public int KeepTokens { get; init; }

    /// <summary>Text that ends the kept front and, seen a second time, begins a kept end (<c>keep_tokens_separator</c>). Takes the place of <see cref="KeepTokens"/> where a caption has it.</summary>
    /// <value>Default null: none.</value>
    public string? KeepTokensSeparator { get; init; }

    /// <summary>Text that becomes <see cref="Separator"/> at the end, so that tags joined by it stay together (<c>secondary_separator</c>).</summary>
    /// <value>Default null: none.</value>
    public string? SecondarySeparator { get; init; }

    /// <summary>Draws one line of the caption file, and one of <c>{a|b|c}</c> (<c>enable_wildcard</c>). <c>{{</c> and <c>}}</c> are braces.</summary>
    /// <value>Default false: the first line as it is.</value>
    public bool EnableWildcard { get; init; }

    /// <summary>Text set before the caption and a blank (<c>caption_prefix</c>). It is shuffled with the rest.</summary>
    /// <value>Default null: none.</value>
    public string? Prefix { get; init; }

    /// <summary>Text set after the caption and a blank (<c>caption_suffix</c>). It is shuffled with the rest.</summary>
    /// <value>Default null: none.</value>
    public string? Suffix { get; init; }

    /// <summary>Share of draws that get an empty caption (<c>caption_dropout_rate</c>).</summary>
    /// <value>0 to 1; default 0.</value>
    public double DropoutRate { get; init; }

    /// <summary>Every so many epochs all captions are empty (<c>caption_dropout_every_n_epochs</c>).</summary>
    /// <value>Epochs; default 0: never.</value>
    public int DropoutEveryNEpochs { get; init; }

    /// <summary>Share of the tags that are left out, the kept ones apart (<c>caption_tag_dropout_rate</c>).</summary>
    /// <value>0 to 1; default 0.</value>
    public double TagDropoutRate { get; init; }

    /// <summary>Tags behind the kept ones at step 0 of the warm-up (<c>token_warmup_min</c>).</summary>
    /// <value>Tags; default 1.</value>
    public int TokenWarmupMin { get; init; } = 1;

    /// <summary>Steps until all tags are in use (<c>token_warmup_step</c>).</summary>
    /// <value>Steps, or below 1 a share of all training steps; default 0: no warm-up.</value>
    public double TokenWarmupStep { get; init; }
}
