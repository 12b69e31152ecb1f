namespace LoraPS.Engine.Models.Clip;

/// <summary>A text's token ids cut into the rows of 77 that a CLIP text encoder reads.</summary>
/// <param name="Ids">Rows of 77 ids: begin, 75 tokens of text or padding, end or padding.</param>
/// <param name="DroppedTokens">Tokens of the text that did not fit, 0 when all did. sd-scripts says nothing about them; a caller should warn.</param>
public sealed record TokenChunks(long[][] Ids, int DroppedTokens)
{
    /// <summary>Tokens of text in a row: 77 less the begin and the end token.</summary>
    public const int TokensPerRow = 75;

    /// <summary>Ids in a row.</summary>
    public const int RowLength = TokensPerRow + 2;

    /// <summary>Cuts a text's ids into rows.</summary>
    /// <remarks>
    /// Follows sd-scripts 48d368fa, TokenizeStrategy._get_input_ids. The text is laid out once, as begin, tokens, end and
    /// padding up to <paramref name="maxTokens"/> + 2; each row takes 75 places of it between its own begin token and the
    /// last place of the whole. So with padding by the end token, a row in the middle of a long text still ends in one.
    /// </remarks>
    /// <param name="ids">Ids of the text, without begin and end; any number.</param>
    /// <param name="maxTokens">Tokens kept; a multiple of 75.</param>
    /// <param name="beginId">Id of the begin token.</param>
    /// <param name="endId">Id of the end token.</param>
    /// <param name="padId">Id that fills what is left.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is not a positive multiple of 75.</exception>
    public static TokenChunks Split(IReadOnlyList<int> ids, int maxTokens, int beginId, int endId, int padId)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTokens);
        if (maxTokens % TokensPerRow != 0)
            throw new ArgumentOutOfRangeException(nameof(maxTokens), maxTokens, "The number of tokens must be 75, 150, 225 or another multiple of 75.");

        var kept = Math.Min(ids.Count, maxTokens);
        long[] whole = [beginId, .. ids.Take(kept), endId, .. Enumerable.Repeat<long>(padId, maxTokens - kept)];
        var rows = whole[1..^1].Chunk(TokensPerRow).Select(text => (long[])[beginId, .. text, whole[^1]]).ToArray();
        if (rows.Length > 1 && padId != endId)
            Array.ForEach(rows, row => MarkEnd(row, endId, padId));
        return new TokenChunks(rows, ids.Count - kept);
    }

    /// <summary>Gives a row of a long text an end token where padding by another token left it without one.</summary>
    private static void MarkEnd(long[] row, int endId, int padId)
    {
        if (row[^2] != endId && row[^2] != padId)
            row[^1] = endId;
        if (row[1] == padId)
            row[1] = endId;
    }
}
