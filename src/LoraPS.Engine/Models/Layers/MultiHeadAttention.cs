using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Scaled dot-product attention by several heads; it has no parameters.</summary>
/// <remarks>
/// Vaswani et al., "Attention is all you need" (2017). The matrix of all pairs is never held whole, neither forward nor
/// backward: Dao et al., "FlashAttention" (2022), as libtorch implements it.
/// </remarks>
internal static class MultiHeadAttention
{
    /// <summary>Softmax(q · kᵀ / √d) · v for each head.</summary>
    /// <param name="query">[B, n, heads·d].</param>
    /// <param name="key">[B, m, heads·d].</param>
    /// <param name="value">[B, m, heads·d].</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="causal">True to let each position see itself and those before it only.</param>
    /// <returns>[B, n, heads·d].</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, int heads, bool causal = false)
    {
        using var scope = NewDisposeScope();
        var attended = nn.functional.scaled_dot_product_attention(
            Split(query, heads), Split(key, heads), Split(value, heads), is_casual: causal);
        // [B, heads, n, d] -> [B, n, heads·d]
        return attended.transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
    }

    // [B, n, heads·d] -> [B, heads, n, d]
    private static Tensor Split(Tensor tokens, int heads) => tokens.unflatten(2, heads, -1).transpose(1, 2);
}
