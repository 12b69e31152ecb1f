namespace LoraPS.Engine.Models.Clip;

/// <summary>A text's rows of token ids, and how much each of its states is to count.</summary>
/// <param name="Chunks">The rows.</param>
/// <param name="Weights">One weight for each state of the joined rows, 75·rows + 2; begin, end and padding count 1.</param>
public sealed record WeightedTokens(TokenChunks Chunks, float[] Weights)
{
    /// <summary>Reads a text with weights as <see cref="PromptAttention"/> does, and encodes its parts.</summary>
    /// <remarks>Follows sd-scripts 48d368fa, TokenizeStrategy._get_weighted_input_ids: each part is encoded by itself.</remarks>
    /// <param name="text">Any text.</param>
    /// <param name="encode">Gives the ids of a part, without begin and end.</param>
    /// <param name="maxTokens">Tokens kept; a multiple of 75.</param>
    /// <param name="beginId">Id of the begin token.</param>
    /// <param name="endId">Id of the end token.</param>
    /// <param name="padId">Id that fills what is left.</param>
    public static WeightedTokens Of(string text, Func<string, IReadOnlyList<int>> encode, int maxTokens, int beginId, int endId, int padId)
    {
        ArgumentNullException.ThrowIfNull(encode);
        var tokens = PromptAttention.Parse(text).SelectMany(part => encode(part.Text).Select(id => (Id: id, part.Weight))).ToList();
        var weights = new float[maxTokens + 2];
        Array.Fill(weights, 1);
        foreach (var (place, token) in tokens.Take(maxTokens).Index())
            weights[place + 1] = (float)token.Weight;
        return new(TokenChunks.Split([.. tokens.Select(token => token.Id)], maxTokens, beginId, endId, padId), weights);
    }
}
